-- path: /today/due
-- what: Figures that offices of the reader's division and of those just below it owe; filled in where already held, and for a week after.
-- who: officer
-- column: series id
-- column: indicator_zh text
-- column: indicator_en text
-- column: unit text
-- column: division_zh text
-- column: division_en text
-- column: period text
-- column: value text
-- column: source_zh text
-- column: source_en text
-- column: due_at time
-- column: origin text
-- column: due_hours integer
-- column: frequency text
-- column: decimals integer
-- column: is_held boolean
-- column: known_at time
-- then: today_due_finish
-- order: series
SELECT s.id AS series, i.name_zh AS indicator_zh, i.name_en AS indicator_en, i.unit, d.name_zh AS division_zh, d.name_en AS division_en,
       '' AS period, NULL AS value, NULL AS source_zh, NULL AS source_en, NULL AS due_at, s.origin, k.due_hours, i.frequency, i.decimals,
       0 AS is_held, NULL AS known_at
FROM visible_series s
JOIN visible_indicator i ON i.id = s.indicator
JOIN visible_pack_indicator k ON k.code = i.code AND k.due_hours > 0
JOIN visible_division d ON d.id = s.division
WHERE d.id = reader_division() OR d.parent = reader_division()

-- path: /doubts
-- what: Figures that are not believed, and those that were asked about before, with what came of it.
-- who: viewer
-- param: is_open boolean optional
-- column: id id
-- column: series id
-- column: indicator_zh text
-- column: indicator_en text
-- column: division_code text
-- column: division_zh text
-- column: division_en text
-- column: origin text
-- column: period text
-- column: value text
-- column: other_value text
-- column: reason json
-- column: is_open boolean
-- column: raised_at time
-- column: unit_zh text
-- column: unit_en text
-- column: deadline_at time
-- column: answer text
-- column: answered json
-- column: answered_at time
-- order: is_open desc, raised_at desc, id desc
SELECT b.id, b.series, i.name_zh AS indicator_zh, i.name_en AS indicator_en, d.code AS division_code, d.name_zh AS division_zh,
       d.name_en AS division_en, b.origin, b.period_text AS period, b.value, b.other_value, b.reason, b.is_open,
       b.from_time AS raised_at, u.name_zh AS unit_zh, u.name_en AS unit_en, m.deadline_at, b.answer, b.answered, b.answered_at
FROM visible_doubt b
JOIN visible_series s ON s.id = b.series
JOIN visible_indicator i ON i.id = s.indicator
JOIN visible_division_name d ON d.id = b.division
LEFT JOIN visible_matter m ON m.id = b.question
LEFT JOIN visible_unit u ON u.id = m.unit
WHERE :is_open IS NULL OR b.is_open = :is_open

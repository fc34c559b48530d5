-- path: /figures/typed
-- what: Figures that counties were asked for and typed in the last seven days, and the minutes each took.
-- who: viewer
-- column: id id
-- column: series id
-- column: indicator_zh text
-- column: indicator_en text
-- column: division_code text
-- column: division_zh text
-- column: division_en text
-- column: origin text
-- column: period text
-- column: minutes integer
-- column: unit_zh text
-- column: unit_en text
-- column: time time
-- order: time desc, id desc
SELECT t.sequence AS id, t.series, i.name_zh AS indicator_zh, i.name_en AS indicator_en, d.code AS division_code,
       d.name_zh AS division_zh, d.name_en AS division_en, s.origin, t.period, t.minutes, u.name_zh AS unit_zh, u.name_en AS unit_en,
       t.time
FROM visible_typed_figure t
JOIN visible_series s ON s.id = t.series
JOIN visible_indicator i ON i.id = s.indicator
JOIN visible_division_name d ON d.id = t.division
LEFT JOIN visible_post p ON p.id = t.post
LEFT JOIN visible_unit u ON u.id = p.unit
WHERE d.level >= 3 AND t.time > as_of() - 604800000000

-- path: /series
-- what: Series, with their newest figure.
-- who: viewer
-- param: field text optional
-- param: indicator text optional
-- param: division id optional
-- param: origin text optional
-- column: id id
-- column: indicator text
-- column: indicator_zh text
-- column: indicator_en text
-- column: field text
-- column: unit text
-- column: frequency text
-- column: decimals integer
-- column: division id
-- column: division_code text
-- column: division_zh text
-- column: division_en text
-- column: origin text
-- column: last_period text
-- column: last_value real
-- column: last_known_at time
-- column: level integer
-- order: id
-- sort: series: division_code, indicator, id
-- sort: level: level, id
-- sort: field: field, id
-- sort: origin: origin, id
-- limit: 200
-- then: series_list_finish
SELECT s.id, i.code AS indicator, i.name_zh AS indicator_zh, i.name_en AS indicator_en, i.field, i.unit, i.frequency, i.decimals,
       s.division, d.code AS division_code, d.name_zh AS division_zh, d.name_en AS division_en, s.origin,
       NULL AS last_period, NULL AS last_value, NULL AS last_known_at,
       coalesce((SELECT max(n.level) FROM visible_notice n WHERE n.series = s.id AND n.is_open), 0) AS level
FROM visible_series s
JOIN visible_indicator i ON i.id = s.indicator
JOIN visible_division d ON d.id = s.division
WHERE (:field IS NULL OR i.field = :field) AND (:indicator IS NULL OR i.code = :indicator)
  AND (:division IS NULL OR EXISTS (SELECT 1 FROM visible_division_name a WHERE a.id = :division
                                    AND a.low <= d.low AND d.high <= a.high))
  AND (:origin IS NULL OR s.origin = :origin)

-- path: /overview/fields
-- what: The fields, each with its worst open level, the line that must hold and the distance to it; real and simulated apart.
-- who: viewer
-- column: field text
-- column: name_zh text
-- column: name_en text
-- column: level integer
-- column: origin text
-- column: is_connected boolean
-- column: line json
-- column: distance json
-- column: change_period real
-- column: change_year real
-- column: series id
-- then: overview_fields_finish
-- order: field, origin
SELECT k.field, k.body ->> 'label_zh' AS name_zh, k.body ->> 'label_en' AS name_en,
       coalesce((SELECT max(n.level) FROM visible_notice n WHERE n.field = k.field AND n.origin = o.origin AND n.is_open), 0) AS level,
       o.origin,
       EXISTS (SELECT 1 FROM visible_series s JOIN visible_indicator i ON i.id = s.indicator AND i.field = k.field
               WHERE s.origin = o.origin) AS is_connected,
       k.body -> 'line' AS line, NULL AS distance, NULL AS change_period, NULL AS change_year,
       coalesce((SELECT n.series FROM visible_notice n WHERE n.field = k.field AND n.origin = o.origin AND n.is_open
                   AND n.indicator = k.body ->> '$.line.indicator' ORDER BY n.level DESC, n.id LIMIT 1),
                (SELECT s.id FROM visible_series s JOIN visible_indicator i ON i.id = s.indicator
                 WHERE i.code = k.body ->> '$.line.indicator' AND s.origin = o.origin ORDER BY s.id LIMIT 1)) AS series
FROM visible_pack k
JOIN (SELECT 'real' AS origin UNION ALL SELECT 'simulated') o
WHERE o.origin = 'real' AND NOT EXISTS (SELECT 1 FROM visible_series s JOIN visible_indicator i ON i.id = s.indicator
                                        WHERE i.field = k.field)
   OR EXISTS (SELECT 1 FROM visible_series s JOIN visible_indicator i ON i.id = s.indicator AND i.field = k.field
              WHERE s.origin = o.origin)

-- path: /series/{id}
-- what: One series: what it is, where it comes from, which methods watch it, and the line of `levee judge` that gives the same numbers.
-- who: viewer
-- param: id id required
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
-- column: notice id
-- column: methods json
-- column: source_zh text
-- column: source_en text
-- column: line text
-- column: judge text
-- column: other_series json
-- then: series_one_finish
SELECT s.id, i.code AS indicator, i.name_zh AS indicator_zh, i.name_en AS indicator_en, i.field, i.unit, i.frequency, i.decimals,
       s.division, d.code AS division_code, d.name_zh AS division_zh, d.name_en AS division_en, s.origin,
       NULL AS last_period, NULL AS last_value, NULL AS last_known_at,
       coalesce((SELECT max(n.level) FROM visible_notice n WHERE n.series = s.id AND n.is_open), 0) AS level,
       (SELECT n.id FROM visible_notice n WHERE n.series = s.id ORDER BY n.is_open DESC, n.id DESC LIMIT 1) AS notice,
       k.body -> 'methods' AS methods, NULL AS source_zh, NULL AS source_en,
       (SELECT CASE WHEN p.body ->> '$.line.indicator' = i.code THEN p.body ->> '$.line.figure' END
        FROM visible_pack p WHERE p.pack = k.pack) AS line,
       NULL AS judge,
       (SELECT json_group_array(json_object('id', o.id, 'indicator', x.code, 'zh', x.name_zh, 'en', x.name_en,
                   'division_zh', q.name_zh, 'division_en', q.name_en))
        FROM visible_series o
        JOIN visible_indicator x ON x.id = o.indicator AND x.code = k.other
        JOIN visible_division_name q ON q.id = o.division
        WHERE q.low <= d.low AND d.high <= q.high AND o.origin = s.origin) AS other_series
FROM visible_series s
JOIN visible_indicator i ON i.id = s.indicator
JOIN visible_division d ON d.id = s.division
LEFT JOIN visible_pack_indicator k ON k.code = i.code
WHERE s.id = :id

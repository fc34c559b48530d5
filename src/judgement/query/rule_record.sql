-- path: /rules/{rule}/record
-- what: Each firing of a rule in the reader's area, as known at the instant: when, where, and what came of it.
-- who: viewer
-- param: rule text required
-- param: indicator text required
-- param: origin text optional
-- param: before text optional
-- column: period text
-- column: series id
-- column: division_zh text
-- column: division_en text
-- column: value real
-- column: reached real
-- column: needed real
-- column: cluster_periods integer
-- column: came_true boolean
-- column: is_decided boolean
-- column: rule_zh text
-- column: rule_en text
-- column: indicator_id id
-- then: rule_record_finish
SELECT '' AS period, NULL AS series, '' AS division_zh, '' AS division_en, 0.0 AS value, 0.0 AS reached, 0.0 AS needed,
       r.value ->> 'cluster_periods' AS cluster_periods, 0 AS came_true, 0 AS is_decided, r.value ->> 'zh' AS rule_zh,
       r.value ->> 'en' AS rule_en, i.id AS indicator_id
FROM visible_pack_indicator k
JOIN visible_indicator i ON i.code = k.code
JOIN json_each(k.body, '$.rules') r
WHERE k.code = :indicator AND r.value ->> 'code' = :rule
LIMIT 1

-- path: none
-- what: The notices of a situation as its title needs them, the worst first.
-- who: viewer
-- param: situation id required
-- column: id id
-- column: indicator text
-- column: level integer
-- column: level_period integer
-- column: first_period integer
-- column: period integer
-- column: title json
-- column: value json
-- column: is_held boolean
-- column: is_open boolean
-- column: series id
-- column: frequency text
-- column: direction text
-- column: indicator_zh text
-- column: indicator_en text
-- column: unit_zh text
-- column: unit_en text
-- column: division id
-- column: division_level integer
-- column: division_zh text
-- column: division_en text
-- column: low integer
-- column: high integer
-- column: doubt text
SELECT n.id, n.indicator, n.level, n.level_period, n.first_period, n.period, n.title,
       n.explanation -> '$[0].arguments.value' AS value, n.held IS NOT NULL AS is_held, n.is_open, n.series, i.frequency, i.direction,
       i.name_zh AS indicator_zh, i.name_en AS indicator_en, k.body ->> 'unit_zh' AS unit_zh, k.body ->> 'unit_en' AS unit_en,
       n.division, d.level AS division_level, d.name_zh AS division_zh, d.name_en AS division_en, d.low, d.high,
       (SELECT b.period_text FROM visible_doubt b WHERE b.series = n.series AND b.is_open AND b.from_time >= n.raised_at
        ORDER BY b.period DESC LIMIT 1) AS doubt
FROM visible_situation_notice j
JOIN visible_notice n ON n.id = j.notice
JOIN visible_series s ON s.id = n.series
JOIN visible_indicator i ON i.id = s.indicator
JOIN visible_division_name d ON d.id = n.division
LEFT JOIN visible_pack_indicator k ON k.code = n.indicator
WHERE j.situation = :situation
ORDER BY n.is_open DESC, n.level DESC, n.id
LIMIT 200

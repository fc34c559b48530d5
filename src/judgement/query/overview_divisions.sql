-- path: /overview/divisions
-- what: The divisions just below the reader's, each with its worst open situation; without any series of its own: not connected.
-- who: viewer
-- column: division id
-- column: code text
-- column: name_zh text
-- column: name_en text
-- column: level integer
-- column: situation id
-- column: origin text
-- column: is_fictional boolean
-- column: is_connected boolean
-- column: field text
-- column: new_count text
-- column: series id
-- column: is_believed boolean
-- column: last_rise text
-- then: overview_divisions_finish
-- order: code
SELECT d.id AS division, d.code, d.name_zh, d.name_en, coalesce(n.level, 0) AS level, n.situation,
       coalesce(n.origin, CASE d.is_fictional WHEN 1 THEN 'simulated' ELSE 'real' END) AS origin, d.is_fictional,
       EXISTS (SELECT 1 FROM visible_series s JOIN visible_division_name x ON x.id = s.division
               WHERE d.low <= x.low AND x.high <= d.high) AS is_connected,
       n.field, NULL AS new_count,
       coalesce(n.series, (SELECT s.id FROM visible_series s WHERE s.division = d.id ORDER BY s.id LIMIT 1)) AS series,
       1 AS is_believed, NULL AS last_rise
FROM visible_division d
LEFT JOIN visible_notice n ON n.id = (
    SELECT q.id FROM visible_notice q JOIN visible_division_name x ON x.id = q.division
    WHERE q.is_open AND d.low <= x.low AND x.high <= d.high
    ORDER BY q.level DESC, q.id LIMIT 1)
WHERE d.parent = reader_division()
   OR (d.id = reader_division() AND NOT EXISTS (SELECT 1 FROM visible_division c WHERE c.parent = d.id))

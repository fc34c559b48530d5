-- path: /series/{id}/acts
-- what: Official acts and findings about the series' division, to be pinned beside it.
-- who: viewer
-- param: id id required
-- column: id id
-- column: time time
-- column: day_zh text
-- column: day_en text
-- column: act json
-- column: authority_zh text
-- column: authority_en text
-- column: source_zh text
-- column: source_en text
-- column: kind text
-- order: time, id
SELECT a.id, a.act_at AS time, a.day_text_zh AS day_zh, a.day_text_en AS day_en, json_object('zh', a.act_zh, 'en', a.act_en) AS act,
       a.authority_zh, a.authority_en, a.source_zh, a.source_en, a.kind
FROM visible_official_act a
JOIN visible_division_name x ON x.id = a.division
JOIN visible_series s ON s.id = :id AND s.origin = 'real'
JOIN visible_division_name d ON d.id = s.division
WHERE d.low <= x.low AND x.high <= d.high

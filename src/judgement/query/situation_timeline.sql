-- path: /situations/{id}/timeline
-- what: What happened in a situation: the steps of its notices, their questions and its measures, and official acts beside them.
-- who: viewer
-- param: id id required
-- column: sequence id
-- column: time time
-- column: type text
-- column: what json
-- column: post_zh text
-- column: post_en text
-- column: unit_zh text
-- column: unit_en text
-- order: sequence
SELECT s.sequence, s.time, s.type, s.what, p.name_zh AS post_zh, p.name_en AS post_en, u.name_zh AS unit_zh, u.name_en AS unit_en
FROM visible_matter_step s
LEFT JOIN visible_post p ON p.id = s.post
LEFT JOIN visible_unit u ON u.id = s.unit
WHERE s.matter IN (
    SELECT notice FROM visible_situation_notice WHERE situation = :id
    UNION SELECT id FROM visible_matter WHERE kind = 'measure' AND about = :id
    UNION SELECT b.question FROM visible_situation_notice j JOIN visible_notice n ON n.id = j.notice
          JOIN visible_doubt b ON b.series = n.series AND b.from_time >= n.raised_at WHERE j.situation = :id)
UNION ALL
SELECT a.id, a.time, CASE a.kind WHEN 'official' THEN 'official_act.pinned' ELSE 'finding.pinned' END,
       json_object('key', CASE a.kind WHEN 'finding' THEN 'official.finding' WHEN 'definition' THEN 'official.definition'
                               ELSE 'official.step' END, 'arguments', json_object('act', json_object('zh', a.act_zh, 'en', a.act_en),
                   'day', json_object('zh', a.day_text_zh, 'en', a.day_text_en),
                   'source', json_object('zh', a.source_zh, 'en', a.source_en))),
       NULL, NULL, a.authority_zh, a.authority_en
FROM visible_official_act a
WHERE EXISTS (SELECT 1 FROM visible_situation s
              JOIN visible_situation_notice j ON j.situation = s.id
              JOIN visible_notice n ON n.id = j.notice
              JOIN visible_division_name d ON d.id = n.division
              JOIN visible_division_name o ON o.id = a.division
              WHERE s.id = :id AND s.origin = 'real' AND a.act_at >= s.opened_at - 1209600000000
                AND d.low <= o.low AND o.high <= d.high)

-- path: /notices/{id}/timeline
-- what: What happened with a notice, step by step; each step is an entry.
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
WHERE s.matter = :id
   OR s.matter IN (SELECT b.question FROM visible_doubt b JOIN visible_notice n ON n.series = b.series
                   WHERE n.id = :id AND b.from_time >= n.raised_at)

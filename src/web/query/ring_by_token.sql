-- path: none
-- what: The ring whose message carries this token.
-- who: system
-- param: token text required
-- column: ring id
-- column: kind text
-- column: level integer
-- column: origin text
-- column: title json
-- column: why json
-- column: division_zh text
-- column: division_en text
-- column: unit id
-- column: post id
-- column: started_at time
-- column: due_at time
-- column: is_waiting boolean
-- column: acknowledged_at time
SELECT r.id AS ring, m.kind, m.level, m.origin, m.title,
       json_object('key', 'ring.why_' || r.why, 'arguments', json_object()) AS why,
       d.name_zh AS division_zh, d.name_en AS division_en, r.unit, r.post, r.started_at, r.due_at,
       r.is_waiting, r.acknowledged_at
FROM visible_ring_token t
JOIN visible_ring r ON r.id = t.id
JOIN visible_matter m ON m.id = r.matter
LEFT JOIN visible_division_name d ON d.id = m.division
WHERE t.token = :token

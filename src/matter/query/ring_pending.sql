-- path: none
-- what: Rings that wait to be acknowledged and have not been sent by any port: what the ways out must send.
-- who: system
-- param: port text required
-- column: ring id
-- column: matter id
-- column: kind text
-- column: post id
-- column: unit id
-- column: division id
-- column: level integer
-- column: origin text
-- column: title json
-- column: why json
-- column: step integer
-- column: due_at time
-- column: token text
-- column: started_at time
-- order: ring
SELECT r.id AS ring, r.matter, m.kind, r.post, r.unit, r.division, m.level, m.origin, m.title,
       json_object('key', 'ring.why_' || r.why, 'arguments', json_object()) AS why,
       r.step, r.due_at, t.token, r.started_at
FROM visible_ring r
JOIN visible_matter m ON m.id = r.matter
JOIN visible_ring_token t ON t.id = r.id
WHERE r.is_waiting AND NOT EXISTS (SELECT 1 FROM visible_ring_sending s WHERE s.ring = r.id AND s.port = :port)

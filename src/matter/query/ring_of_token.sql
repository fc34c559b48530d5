-- path: none
-- what: The ring that a message's token belongs to, for whoever opens the message.
-- who: system
-- param: token text required
-- column: ring id
-- column: matter id
-- column: title json
-- column: why json
-- column: due_at time
-- column: is_acknowledged boolean
-- column: is_waiting boolean
SELECT r.id AS ring, r.matter, m.title, json_object('key', 'ring.why_' || r.why, 'arguments', json_object()) AS why, r.due_at,
       r.acknowledged_at IS NOT NULL AS is_acknowledged, r.is_waiting
FROM visible_ring_token t JOIN visible_ring r ON r.id = t.id JOIN visible_matter m ON m.id = r.matter
WHERE t.token = :token

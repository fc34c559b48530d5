-- path: none
-- what: A ring as its commands need it.
-- who: officer
-- param: ring id required
-- column: id id
-- column: matter id
-- column: step integer
-- column: unit id
-- column: post id
-- column: division id
-- column: is_waiting boolean
-- column: acknowledged_at time
SELECT r.id, r.matter, r.step, r.unit, r.post, m.division, r.is_waiting, r.acknowledged_at
FROM visible_ring r JOIN visible_matter m ON m.id = r.matter
WHERE r.id = :ring

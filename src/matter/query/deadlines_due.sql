-- path: none
-- what: Deadlines that have passed and have not been dealt with, in the order in which they were due.
-- who: system
-- param: until time required
-- column: id id
-- column: due_at time
-- column: matter id
-- column: kind text
-- column: step integer
SELECT id, due_at, matter, kind, coalesce(step, 0) AS step
FROM visible_deadline WHERE due_at <= :until
ORDER BY due_at, id
LIMIT 256

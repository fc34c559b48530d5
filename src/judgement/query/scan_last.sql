-- path: none
-- what: The newest scan.
-- who: viewer
-- column: id id
-- column: time time
-- column: through integer
SELECT id, time, through FROM visible_scan ORDER BY id DESC LIMIT 1

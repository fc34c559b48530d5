-- path: none
-- what: Batches that became complete after a sequence.
-- who: system
-- param: through integer required
-- column: id id
-- column: completed integer
-- order: id
-- limit: 100000
SELECT id, completed FROM visible_batch WHERE completed > :through

-- path: none
-- what: Batches that became complete after a sequence.
-- who: system
-- param: through integer required
-- column: id id
-- order: id
-- limit: 100000
SELECT id FROM visible_batch WHERE completed > :through

-- path: none
-- what: An instruction as its command needs it.
-- who: officer
-- param: instruction id required
-- column: id id
-- column: division id
-- column: unit id
-- column: is_done boolean
SELECT id, division, unit, done_at IS NOT NULL AS is_done FROM visible_instruction WHERE id = :instruction

-- path: none
-- what: The version of a pack that the store has met.
-- who: viewer
-- param: pack text required
-- column: version integer
-- column: body json
SELECT version, body FROM visible_pack WHERE pack = :pack

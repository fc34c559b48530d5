-- path: none
-- what: What the pack declared of an indicator, as of the instant.
-- who: viewer
-- param: code text required
-- column: code text
-- column: other text
-- column: body json
SELECT code, other, body FROM visible_pack_indicator WHERE code = :code

-- path: none
-- what: What the pack declared of an indicator, as of the instant.
-- who: viewer
-- param: code text required
-- column: code text
-- column: other text
-- column: body json
-- column: frequency text
SELECT k.code, k.other, k.body, i.frequency FROM visible_pack_indicator k JOIN visible_indicator i ON i.code = k.code
WHERE k.code = :code

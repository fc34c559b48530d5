-- path: none
-- what: The post of a code in a unit.
-- who: viewer
-- param: unit id required
-- param: code text required
-- column: id id
-- column: name_zh text
-- column: name_en text
SELECT id, name_zh, name_en FROM visible_post WHERE unit = :unit AND code = :code

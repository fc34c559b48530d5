-- path: none
-- what: The unit of an id.
-- who: viewer
-- param: id id required
-- column: id id
-- column: code text
-- column: division integer
-- column: name_zh text
-- column: name_en text
SELECT id, code, division, name_zh, name_en FROM visible_unit WHERE id = :id

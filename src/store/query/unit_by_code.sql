-- path: none
-- what: The unit of a code.
-- who: viewer
-- param: code text required
-- column: id id
-- column: division integer
-- column: name_zh text
-- column: name_en text
SELECT id, division, name_zh, name_en FROM visible_unit WHERE code = :code

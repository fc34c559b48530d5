-- path: none
-- what: The indicator of a code.
-- who: viewer
-- param: code text required
-- column: id id
-- column: code text
-- column: field text
-- column: unit text
-- column: frequency text
-- column: decimals integer
-- column: name_zh text
-- column: name_en text
SELECT id, code, field, unit, frequency, decimals, name_zh, name_en
FROM visible_indicator
WHERE code = :code

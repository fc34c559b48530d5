-- path: none
-- what: The division of a row id, wherever it lies.
-- who: viewer
-- param: id integer required
-- column: id integer
-- column: code text
-- column: parent integer
-- column: level integer
-- column: low integer
-- column: high integer
-- column: name_zh text
-- column: name_en text
-- column: is_fictional boolean
SELECT id, code, parent, level, low, high, name_zh, name_en, is_fictional
FROM visible_division_name
WHERE id = :id

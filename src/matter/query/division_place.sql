-- path: none
-- what: Where a division stands in the tree, with its names and those of the one above it.
-- who: officer
-- param: division id required
-- column: id id
-- column: code text
-- column: parent id
-- column: level integer
-- column: name_zh text
-- column: name_en text
-- column: low integer
-- column: high integer
-- column: above_zh text
-- column: above_en text
-- column: is_inside boolean
SELECT d.id, d.code, d.parent, d.level, d.name_zh, d.name_en, d.low, d.high, (SELECT a.name_zh FROM visible_division_name a WHERE a.id = d.parent) AS above_zh,
       (SELECT a.name_en FROM visible_division_name a WHERE a.id = d.parent) AS above_en,
       d.low >= reader_low() AND d.high <= reader_high() AS is_inside
FROM visible_division_name d
WHERE d.id = :division

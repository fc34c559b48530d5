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
SELECT d.id, d.code, d.parent, d.level, d.name_zh, d.name_en, d.low, d.high, a.name_zh AS above_zh, a.name_en AS above_en,
       d.low >= reader_low() AND d.high <= reader_high() AS is_inside
FROM visible_division_name d LEFT JOIN visible_division_name a ON a.id = d.parent
WHERE d.id = :division

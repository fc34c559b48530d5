-- path: none
-- what: The smallest division that holds an interval of positions.
-- who: viewer
-- param: low integer required
-- param: high integer required
-- column: id id
-- column: code text
-- column: name_zh text
-- column: name_en text
SELECT id, code, name_zh, name_en FROM visible_division_name WHERE low <= :low AND :high <= high ORDER BY level DESC, id LIMIT 1

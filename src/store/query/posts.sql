-- path: /posts
-- what: The posts of the units.
-- who: viewer
-- param: unit id optional
-- column: id id
-- column: unit id
-- column: code text
-- column: name_zh text
-- column: name_en text
-- column: unit_zh text
-- column: unit_en text
-- column: division integer
-- order: id
SELECT p.id, p.unit, p.code, p.name_zh, p.name_en, u.name_zh AS unit_zh, u.name_en AS unit_en,
       u.division
FROM visible_post p JOIN visible_unit u ON u.id = p.unit
WHERE :unit IS NULL OR p.unit = :unit

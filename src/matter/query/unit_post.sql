-- path: none
-- what: A unit and one of its posts: the named one, or the first.
-- who: officer
-- param: unit id required
-- param: post id optional
-- column: unit id
-- column: post id
-- column: division id
-- column: unit_zh text
-- column: unit_en text
-- column: post_zh text
-- column: post_en text
-- column: is_inside boolean
SELECT u.id AS unit, p.id AS post, u.division, u.name_zh AS unit_zh, u.name_en AS unit_en, p.name_zh AS post_zh,
       p.name_en AS post_en, d.low >= reader_low() AND d.high <= reader_high() AS is_inside
FROM visible_unit u
JOIN visible_post p ON p.unit = u.id
JOIN visible_division_name d ON d.id = u.division
WHERE u.id = :unit AND (:post IS NULL OR p.id = :post)
ORDER BY p.id
LIMIT 1

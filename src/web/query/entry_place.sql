-- path: none
-- what: Where an entry belongs and who acted, in words, and whether its division is in scope.
-- who: viewer
-- param: division integer required
-- param: post integer required
-- column: division text
-- column: division_zh text
-- column: division_en text
-- column: is_in_scope boolean
-- column: post_zh text
-- column: post_en text
-- column: unit_zh text
-- column: unit_en text
SELECT d.code AS division, d.name_zh AS division_zh, d.name_en AS division_en,
       :division = 0 OR coalesce(d.low >= reader_low() AND d.high <= reader_high(), 0) AS is_in_scope,
       p.name_zh AS post_zh, p.name_en AS post_en, u.name_zh AS unit_zh, u.name_en AS unit_en
FROM visible_office o
LEFT JOIN visible_division_name d ON d.id = :division
LEFT JOIN visible_post p ON p.id = :post
LEFT JOIN visible_unit u ON u.id = p.unit

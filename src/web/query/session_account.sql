-- path: none
-- what: The reader's own account, with its division and post in both languages.
-- who: viewer
-- column: account id
-- column: name text
-- column: role integer
-- column: division id
-- column: division_code text
-- column: division_zh text
-- column: division_en text
-- column: post id
-- column: post_zh text
-- column: post_en text
-- column: unit id
-- column: unit_zh text
-- column: unit_en text
SELECT a.id AS account, a.name, a.role, a.division, d.code AS division_code,
       d.name_zh AS division_zh, d.name_en AS division_en,
       p.id AS post, p.name_zh AS post_zh, p.name_en AS post_en,
       u.id AS unit, u.name_zh AS unit_zh, u.name_en AS unit_en
FROM visible_account a
JOIN visible_division_name d ON d.id = a.division
LEFT JOIN visible_post p ON p.id = a.post
LEFT JOIN visible_unit u ON u.id = p.unit
WHERE a.id = reader_account()

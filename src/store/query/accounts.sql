-- path: /accounts
-- what: The accounts, for the administrator; everybody sees the own one.
-- who: viewer
-- param: name text optional
-- column: id id
-- column: name text
-- column: role integer
-- column: post id
-- column: unit id
-- column: division integer
-- column: division_code text
-- column: low integer
-- column: high integer
-- order: id
SELECT a.id, a.name, a.role, a.post, coalesce(p.unit, 0) AS unit, a.division,
       d.code AS division_code, d.low, d.high
FROM visible_account a
JOIN visible_division_name d ON d.id = a.division
LEFT JOIN visible_post p ON p.id = a.post
WHERE :name IS NULL OR a.name = :name

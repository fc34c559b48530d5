-- path: none
-- what: Who answers for a role: the duty of the division itself, or of the nearest one above it; a named field before every field.
-- who: officer
-- param: field text required
-- param: role text required
-- param: division id required
-- param: is_above boolean required
-- column: division id
-- column: level integer
-- column: role text
-- column: unit id
-- column: post id
-- column: deputy_unit id
-- column: deputy_post id
SELECT u.division, a.level, u.role, u.unit, u.post, u.deputy_unit, u.deputy_post
FROM visible_division_name d
JOIN visible_division_name a ON a.low <= d.low AND d.high <= a.high AND (a.id <> d.id OR NOT :is_above)
JOIN visible_duty u ON u.division = a.id AND u.role = :role AND u.field IN (:field, '*')
WHERE d.id = :division
ORDER BY a.level DESC, u.field = '*'
LIMIT 1

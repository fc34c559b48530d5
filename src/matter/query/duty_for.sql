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
WITH RECURSIVE up (id, parent, level) AS (
    SELECT id, parent, level FROM visible_division_name WHERE id = :division
    UNION ALL
    SELECT a.id, a.parent, a.level FROM up JOIN visible_division_name a ON a.id = up.parent)
SELECT u.division, up.level, u.role, u.unit, u.post, u.deputy_unit, u.deputy_post
FROM up JOIN visible_duty u ON u.division = up.id AND u.role = :role AND u.field IN (:field, '*')
WHERE up.id <> :division OR NOT :is_above
ORDER BY up.level DESC, u.field = '*'
LIMIT 1

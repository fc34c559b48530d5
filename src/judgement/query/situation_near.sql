-- path: none
-- what: The situation that a new notice joins: same event and origin, with an open notice, raised or changed since an instant, in the same division, beside it, above it or below it.
-- who: system
-- param: event text required
-- param: origin text required
-- param: division id required
-- param: is_leaf boolean required
-- param: since time required
-- column: id id
WITH RECURSIVE up (id, parent, level) AS (
    SELECT id, parent, level FROM visible_division_name WHERE id = :division
    UNION ALL
    SELECT a.id, a.parent, a.level FROM up JOIN visible_division_name a ON a.id = up.parent)
, near (id) AS (
    SELECT n.id FROM visible_division_name d
    JOIN visible_notice n ON n.event = :event AND n.origin = :origin AND n.division_parent = d.parent
    WHERE d.id = :division
    UNION
    SELECT n.id FROM up JOIN visible_notice n ON n.division = up.id AND n.event = :event AND n.origin = :origin
    UNION
    SELECT n.id FROM visible_division_name d
    JOIN visible_notice n ON n.event = :event AND n.origin = :origin
    JOIN visible_division_name o ON o.id = n.division AND d.low <= o.low AND o.high <= d.high
    WHERE d.id = :division AND NOT :is_leaf)
SELECT n.situation AS id
FROM near JOIN visible_notice n ON n.id = near.id AND n.is_open
JOIN visible_matter m ON m.id = n.id AND m.from_time >= :since
WHERE n.situation IS NOT NULL
ORDER BY n.situation
LIMIT 1

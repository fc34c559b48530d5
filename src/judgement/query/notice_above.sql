-- path: none
-- what: The open notice of the same field, indicator and origin in the nearest division above.
-- who: system
-- param: field text required
-- param: indicator text required
-- param: division id required
-- param: origin text required
-- column: id id
WITH RECURSIVE up (id, parent, level) AS (
    SELECT id, parent, level FROM visible_division_name WHERE id = :division
    UNION ALL
    SELECT a.id, a.parent, a.level FROM up JOIN visible_division_name a ON a.id = up.parent)
SELECT n.id
FROM up JOIN visible_notice n ON n.division = up.id AND n.is_open AND n.field = :field AND n.indicator = :indicator
                              AND n.origin = :origin
WHERE up.id <> :division
ORDER BY up.level DESC
LIMIT 1

-- path: none
-- what: Open notices of the same field, indicator and origin inside a division that have no parent yet.
-- who: system
-- param: field text required
-- param: indicator text required
-- param: division id required
-- param: origin text required
-- column: id id
SELECT n.id
FROM visible_division_name a
JOIN visible_division_name d ON a.low <= d.low AND d.high <= a.high AND a.id <> d.id
JOIN visible_notice n ON n.division = d.id AND n.is_open AND n.field = :field AND n.indicator = :indicator AND n.origin = :origin
WHERE a.id = :division AND n.parent IS NULL
ORDER BY n.id

-- path: none
-- what: The open notice of the same field, indicator and origin in the nearest division above.
-- who: system
-- param: field text required
-- param: indicator text required
-- param: division id required
-- param: origin text required
-- column: id id
SELECT n.id
FROM visible_division_name d
JOIN visible_division_name a ON a.low <= d.low AND d.high <= a.high AND a.id <> d.id
JOIN visible_notice n ON n.division = a.id AND n.is_open AND n.field = :field AND n.indicator = :indicator AND n.origin = :origin
WHERE d.id = :division
ORDER BY a.level DESC
LIMIT 1

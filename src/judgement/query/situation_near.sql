-- path: none
-- what: The situation that a new notice joins: same event and origin, with an open notice, raised or changed since an instant, in the same division, beside it, above it or below it.
-- who: system
-- param: event text required
-- param: origin text required
-- param: division id required
-- param: since time required
-- column: id id
SELECT n.situation AS id
FROM visible_division_name d
JOIN visible_division_name o ON o.parent = d.parent OR (o.low <= d.low AND d.high <= o.high) OR (d.low <= o.low AND o.high <= d.high)
JOIN visible_notice n ON n.event = :event AND n.origin = :origin AND n.division = o.id AND n.is_open
JOIN visible_matter m ON m.id = n.id AND m.from_time >= :since
WHERE d.id = :division AND n.situation IS NOT NULL
ORDER BY n.situation
LIMIT 1

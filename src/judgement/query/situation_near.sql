-- path: none
-- what: The situation that a new notice joins: same event and origin, still open, with a notice raised or updated since an
-- who: system
-- param: event text required
-- param: origin text required
-- param: division id required
-- param: since time required
-- column: id id
-- column: title json
SELECT s.id, s.title
FROM visible_situation s
JOIN visible_situation_notice j ON j.situation = s.id
JOIN visible_notice n ON n.id = j.notice AND n.is_open
JOIN visible_matter m ON m.id = n.id
JOIN visible_division_name d ON d.id = :division
JOIN visible_division_name o ON o.id = n.division
WHERE s.event = :event AND s.origin = :origin AND m.from_time >= :since
  AND (o.parent = d.parent OR (o.low <= d.low AND d.high <= o.high) OR (d.low <= o.low AND o.high <= d.high))
ORDER BY s.opened_at, s.id
LIMIT 1

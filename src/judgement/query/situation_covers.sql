-- path: none
-- what: The series that say how long something of an event is covered, in a division.
-- who: viewer
-- param: event text required
-- param: origin text required
-- param: division id required
-- column: id id
-- column: frequency text
-- column: covers_zh text
-- column: covers_en text
SELECT s.id, i.frequency, k.body ->> 'covers_zh' AS covers_zh, k.body ->> 'covers_en' AS covers_en
FROM visible_pack_indicator k
JOIN visible_indicator i ON i.code = k.code
JOIN visible_series s ON s.indicator = i.id AND s.origin = :origin AND s.division = :division
WHERE k.event = :event AND k.body ->> 'covers_zh' IS NOT NULL
ORDER BY s.id
LIMIT 1

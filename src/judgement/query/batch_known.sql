-- path: none
-- what: When a batch became known and where it comes from.
-- who: viewer
-- param: batch id required
-- column: known_at time
-- column: source text
-- column: source_zh text
-- column: origin text
SELECT known_at, source, source_zh, origin FROM visible_batch WHERE id = :batch

-- path: none
-- what: Every indicator that has a series.
-- who: system
-- column: id id
-- column: code text
-- column: decimals integer
-- column: frequency text
SELECT i.id, i.code, i.decimals, i.frequency FROM visible_indicator i
WHERE EXISTS (SELECT 1 FROM visible_series s WHERE s.indicator = i.id)
ORDER BY i.id

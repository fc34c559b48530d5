-- path: none
-- what: The doubts there have been about one reading.
-- who: system
-- param: series id required
-- param: period integer required
-- column: id id
SELECT id FROM visible_doubt WHERE series = :series AND period = :period

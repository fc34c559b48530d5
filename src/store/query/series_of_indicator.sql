-- path: none
-- what: The series of an indicator in the reader's scope, without strata.
-- who: viewer
-- param: indicator id required
-- param: is_simulated boolean required
-- column: id id
-- column: division integer
-- limit: 100000
SELECT id, division FROM visible_series
WHERE indicator = :indicator AND is_simulated = :is_simulated AND stratum = ''

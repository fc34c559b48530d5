-- path: none
-- what: The series of an indicator in a division.
-- who: viewer
-- param: indicator id required
-- param: division integer required
-- param: is_simulated boolean required
-- param: stratum text optional
-- column: id id
-- column: stratum text
SELECT id, stratum
FROM visible_series
WHERE indicator = :indicator AND division = :division AND is_simulated = :is_simulated
  AND stratum = coalesce(:stratum, '')

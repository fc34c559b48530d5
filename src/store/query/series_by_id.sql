-- path: none
-- what: One series with what its indicator says.
-- who: viewer
-- param: id id required
-- column: id id
-- column: indicator id
-- column: indicator_code text
-- column: field text
-- column: frequency text
-- column: decimals integer
-- column: division integer
-- column: stratum text
-- column: is_simulated boolean
SELECT s.id, s.indicator, i.code AS indicator_code, i.field, i.frequency, i.decimals, s.division,
       s.stratum, s.is_simulated
FROM visible_series s JOIN visible_indicator i ON i.id = s.indicator
WHERE s.id = :id

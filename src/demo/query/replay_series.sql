-- path: none
-- what: The series of the replay, by the codes of indicator and division.
-- who: system
-- column: id id
-- column: indicator text
-- column: division text
SELECT s.id AS id, i.code AS indicator, d.code AS division
FROM visible_series s
JOIN visible_indicator i ON i.id = s.indicator
JOIN visible_division_name d ON d.id = s.division

-- path: /series/{id}/points
-- what: The points of a series as known at an instant: value, expected, bound, which methods alarm, what was first known, what is not believed.
-- who: viewer
-- param: id id required
-- param: from text optional
-- param: to text optional
-- param: method text optional
-- column: period text
-- column: day text
-- column: value real
-- column: known_at time
-- column: batch id
-- column: origin text
-- column: is_believed boolean
-- column: doubt json
-- column: is_corrected boolean
-- column: value_then real
-- column: expected real
-- column: upper real
-- column: alarms json
-- column: other_value real
-- then: series_points_finish
SELECT '' AS period, '' AS day, NULL AS value, NULL AS known_at, NULL AS batch, s.origin, 1 AS is_believed, NULL AS doubt,
       0 AS is_corrected, NULL AS value_then, NULL AS expected, NULL AS upper, '[]' AS alarms, NULL AS other_value
FROM visible_series s WHERE s.id = :id

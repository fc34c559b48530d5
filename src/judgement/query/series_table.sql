-- path: /series/{id}/table
-- what: A series as `levee judge` reads it: what is not believed is left empty.
-- who: viewer
-- param: id id required
-- column: series text
-- column: time text
-- column: value real
-- then: series_table_finish
SELECT '' AS series, '' AS time, NULL AS value FROM visible_series s WHERE s.id = :id

-- path: none
-- what: A series with the names of its indicator and division and its place in the tree.
-- who: viewer
-- param: series id required
-- column: id id
-- column: indicator id
-- column: code text
-- column: field text
-- column: pack text
-- column: unit text
-- column: frequency text
-- column: decimals integer
-- column: indicator_zh text
-- column: indicator_en text
-- column: division id
-- column: division_code text
-- column: division_level integer
-- column: division_zh text
-- column: division_en text
-- column: division_parent id
-- column: low integer
-- column: high integer
-- column: origin text
-- column: stratum text
SELECT s.id, s.indicator, i.code, i.field, i.pack, i.unit, i.frequency, i.decimals, i.name_zh AS indicator_zh,
       i.name_en AS indicator_en, s.division, d.code AS division_code, d.level AS division_level, d.name_zh AS division_zh,
       d.name_en AS division_en, d.parent AS division_parent, d.low, d.high, s.origin, s.stratum
FROM visible_series s
JOIN visible_indicator i ON i.id = s.indicator
JOIN visible_division_name d ON d.id = s.division
WHERE s.id = :series

-- path: none
-- what: The series of an indicator's code, with where their divisions stand.
-- who: viewer
-- param: code text required
-- column: id id
-- column: division id
-- column: low integer
-- column: high integer
-- column: origin text
-- column: division_zh text
-- column: division_en text
-- column: indicator_zh text
-- column: indicator_en text
-- column: source text
-- column: source_zh text
-- order: id
-- limit: 100000
SELECT s.id, s.division, d.low, d.high, s.origin, d.name_zh AS division_zh, d.name_en AS division_en,
       i.name_zh AS indicator_zh, i.name_en AS indicator_en, '' AS source, '' AS source_zh
FROM visible_series s
JOIN visible_indicator i ON i.id = s.indicator AND i.code = :code
JOIN visible_division_name d ON d.id = s.division

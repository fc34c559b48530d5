-- path: /indicators
-- what: The indicators that the packs declare.
-- who: viewer
-- param: field text optional
-- column: id id
-- column: code text
-- column: pack text
-- column: field text
-- column: unit text
-- column: frequency text
-- column: direction text
-- column: aggregation text
-- column: decimals integer
-- column: name_zh text
-- column: name_en text
-- order: id
SELECT id, code, pack, field, unit, frequency, direction, aggregation, decimals, name_zh, name_en
FROM visible_indicator
WHERE :field IS NULL OR field = :field

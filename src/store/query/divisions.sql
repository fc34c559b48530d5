-- path: /divisions
-- what: The divisions in the reader's scope, levels 1 to 3 or the level that is asked for.
-- who: viewer
-- param: level integer optional
-- column: id integer
-- column: code text
-- column: parent integer
-- column: level integer
-- column: name_zh text
-- column: name_en text
-- column: is_fictional boolean
-- order: id
-- limit: 5000
SELECT id, code, parent, level, name_zh, name_en, is_fictional
FROM visible_division
WHERE level = :level OR (:level IS NULL AND level <= 3)

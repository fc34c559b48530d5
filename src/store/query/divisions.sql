-- path: /divisions
-- what: The divisions in the reader's scope: levels 1 to 3, or those of a level, below a parent, or with a code.
-- who: viewer
-- param: level integer optional
-- param: parent integer optional
-- param: code text optional
-- column: id integer
-- column: code text
-- column: parent integer
-- column: level integer
-- column: name_zh text
-- column: name_en text
-- column: is_fictional boolean
-- column: has_children boolean
-- order: id
-- limit: 5000
SELECT id, code, parent, level, name_zh, name_en, is_fictional, low < high AS has_children
FROM visible_division
WHERE (:level IS NULL OR level = :level) AND (:parent IS NULL OR parent = :parent) AND (:code IS NULL OR code = :code)
  AND (level <= 3 OR :level IS NOT NULL OR :parent IS NOT NULL OR :code IS NOT NULL)

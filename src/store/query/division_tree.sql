-- path: none
-- what: The whole tree of divisions as it stands.
-- who: viewer
-- column: id integer
-- column: code text
-- column: parent integer
-- column: level integer
-- column: low integer
-- column: high integer
-- column: name_zh text
-- column: name_en text
-- column: is_fictional boolean
-- limit: 50000
SELECT id, code, parent, level, low, high, name_zh, name_en, is_fictional
FROM visible_division_name
WHERE 1

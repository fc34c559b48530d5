-- path: none
-- what: The ids of the divisions, by code.
-- who: system
-- column: id integer
-- column: code text
SELECT id, code FROM visible_division_name WHERE level <= 3

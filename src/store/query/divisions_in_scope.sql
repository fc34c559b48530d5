-- path: none
-- what: The codes of all divisions in the reader's scope.
-- who: viewer
-- column: id integer
-- column: code text
-- limit: 100000
SELECT id, code FROM visible_division

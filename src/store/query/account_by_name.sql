-- path: none
-- what: The account of a name, for whoever may see it.
-- who: viewer
-- param: name text required
-- column: id id
-- column: division integer
-- column: role integer
-- column: post id
SELECT id, division, role, post FROM visible_account WHERE name = :name

-- path: none
-- what: A situation as its commands need it.
-- who: officer
-- param: situation id required
-- column: id id
-- column: field text
-- column: origin text
-- column: division id
-- column: is_open boolean
SELECT id, field, origin, division, is_open FROM visible_situation WHERE id = :situation

-- path: none
-- what: A matter as its commands need it.
-- who: officer
-- param: matter id required
-- column: id id
-- column: kind text
-- column: field text
-- column: division id
-- column: origin text
-- column: about id
-- column: state text
-- column: level integer
-- column: is_open boolean
-- column: unit id
-- column: post id
-- column: role text
-- column: title json
-- column: deadline_at time
-- column: low integer
-- column: high integer
SELECT m.id, m.kind, m.field, m.division, m.origin, m.about, m.state, m.level, m.is_open, m.unit, m.post, m.role, m.title,
       m.deadline_at, d.low, d.high
FROM visible_matter m JOIN visible_division_name d ON d.id = m.division
WHERE m.id = :matter

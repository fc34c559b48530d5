-- path: none
-- what: The dated events of a division and field against which a lead may be claimed.
-- who: viewer
-- param: division integer required
-- param: field text required
-- column: day text
-- column: kind text
SELECT day, kind FROM visible_outcome_event
WHERE division = :division AND field = :field AND kind IN ('report', 'outcome')
ORDER BY day, id

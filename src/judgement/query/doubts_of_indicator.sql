-- path: none
-- what: Every doubt about an indicator's readings, answered ones included: what a scan must not believe, and what it has learned.
-- who: viewer
-- param: indicator text required
-- column: id id
-- column: series id
-- column: period integer
-- column: period_text text
-- column: question id
-- column: division id
-- column: value text
-- column: other_value text
-- column: is_open boolean
-- column: answer text
-- column: answer_value text
-- column: moved_to text
-- order: series, id
-- limit: 100000
SELECT id, series, period, period_text, question, division, value, other_value, is_open, answer, answer_value, moved_to
FROM visible_doubt WHERE indicator = :indicator

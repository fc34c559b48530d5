-- path: none
-- what: Every doubt about a series, for its points.
-- who: viewer
-- param: series id required
-- column: id id
-- column: period integer
-- column: reason json
-- column: other_value text
-- column: question id
-- column: is_open boolean
-- column: answer text
-- column: answer_value text
-- column: moved_to text
-- column: answered json
SELECT id, period, reason, other_value, question, is_open, answer, answer_value, moved_to, answered
FROM visible_doubt WHERE series = :series
ORDER BY id

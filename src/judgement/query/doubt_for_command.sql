-- path: none
-- what: A doubt and the question that asks about it.
-- who: officer
-- param: question id optional
-- param: doubt id optional
-- column: id id
-- column: question id
-- column: series id
-- column: indicator text
-- column: field text
-- column: division id
-- column: origin text
-- column: period integer
-- column: period_text text
-- column: value text
-- column: other_value text
-- column: reason json
-- column: is_open boolean
SELECT id, question, series, indicator, field, division, origin, period, period_text, value, other_value, reason, is_open
FROM visible_doubt
WHERE (:question IS NOT NULL AND question = :question) OR (:doubt IS NOT NULL AND id = :doubt)

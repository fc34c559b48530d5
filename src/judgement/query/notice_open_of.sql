-- path: none
-- what: The one open notice of a field, indicator, division and origin.
-- who: system
-- param: field text required
-- param: indicator text required
-- param: division id required
-- param: origin text required
-- column: id id
-- column: level integer
-- column: state text
-- column: period integer
-- column: deadline_at time
-- column: held json
-- column: quiet integer
-- column: situation id
-- column: title json
-- column: record json
SELECT id, level, state, period, deadline_at, held, quiet, situation, title, record
FROM visible_notice
WHERE field = :field AND indicator = :indicator AND division = :division AND origin = :origin AND is_open

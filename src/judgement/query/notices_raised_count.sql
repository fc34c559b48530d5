-- path: none
-- what: How many notices a field has raised in a division since an instant: what the alarm budget has spent.
-- who: system
-- param: field text required
-- param: division id required
-- param: origin text required
-- param: since time required
-- column: count integer
SELECT count(*) AS count FROM visible_notice
WHERE field = :field AND division = :division AND origin = :origin AND raised_at >= :since

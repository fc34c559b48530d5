-- path: none
-- what: The questions about doubtful figures that are open, by division and period.
-- who: system
-- column: question id
-- column: division text
-- column: period text
SELECT q.question AS question, d.code AS division, q.period_text AS period
FROM visible_doubt q
JOIN visible_division_name d ON d.id = q.division
WHERE q.is_open AND q.question IS NOT NULL

-- path: none
-- what: The invented notices that nobody has taken over for two days.
-- who: system
-- column: id id
SELECT id FROM visible_notice
WHERE origin = 'simulated' AND state = 'raised' AND raised_at < as_of() - 172800000000

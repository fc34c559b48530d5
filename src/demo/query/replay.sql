-- path: /replay
-- what: What morning it is in a replay, and whether all that became known by then has been judged. No row in other stores.
-- who: viewer
-- column: time time
-- column: day text
-- column: is_ready boolean
-- column: is_last boolean
-- column: next_time time
-- column: seed integer
-- column: day_number integer
-- Days are local (UTC+8); a morning begins at 07:00; the figures end with 8 December 2020 (18605).
SELECT n.now AS time, date(n.today * 86400, 'unixepoch') AS day,
       EXISTS (SELECT 1 FROM visible_replay_morning m WHERE m.day = n.today) AS is_ready,
       n.today >= 18605 AS is_last,
       ((n.today + 1) * 24 + 7 - 8) * 3600000000 AS next_time,
       n.seed AS seed, n.today AS day_number
FROM (SELECT o.business_time AS now, (o.business_time + 28800000000) / 86400000000 AS today, r.seed AS seed
      FROM visible_replay r JOIN visible_office o) n

-- The owner asks the level above to lower.
UPDATE notice_version SET until_time = :time WHERE notice = :notice AND until_time = 9000000000000000;
INSERT INTO notice_version (notice, sequence, from_time, until_time, period, explanation, record, plan, held, quiet,
                            quiet_needed, level_period, judged, asked, outcome)
SELECT notice, :sequence, :time, 9000000000000000, period, explanation, record, plan, held, quiet,
       quiet_needed, level_period, judged, :asked, outcome
FROM notice_version WHERE notice = :notice ORDER BY sequence DESC LIMIT 1;
INSERT INTO matter_step (matter, sequence, time, type, what, post)
VALUES (:notice, :sequence, :time, 'lowering.asked', :what, nullif(:actor_post, 0));

-- The end of a notice, with its outcome.
UPDATE matter_version SET until_time = :time WHERE matter = :notice AND until_time = 9000000000000000;
INSERT INTO matter_version (matter, sequence, from_time, until_time, state, level, is_open, unit, post, role, title,
                            deadline_at, deadline_rule, is_overdue)
SELECT matter, :sequence, :time, 9000000000000000, 'closed', level, 0, unit, post, role, title, NULL, NULL, 0
FROM matter_version WHERE matter = :notice ORDER BY sequence DESC LIMIT 1;
UPDATE notice_version SET until_time = :time WHERE notice = :notice AND until_time = 9000000000000000;
INSERT INTO notice_version (notice, sequence, from_time, until_time, period, explanation, record, plan, held, quiet,
                            quiet_needed, level_period, judged, asked, outcome)
SELECT notice, :sequence, :time, 9000000000000000, period, explanation, record, plan, NULL, quiet,
       quiet_needed, level_period, judged, NULL, :outcome
FROM notice_version WHERE notice = :notice ORDER BY sequence DESC LIMIT 1;
UPDATE notice SET is_open = 0 WHERE id = :notice;
UPDATE deadline SET state = 'done' WHERE matter = :notice AND state = 'running';
UPDATE ring SET ended_at = :time WHERE matter = :notice AND ended_at IS NULL;
INSERT INTO matter_step (matter, sequence, time, type, what, post)
VALUES (:notice, :sequence, :time, 'notice.closed', :what, nullif(:actor_post, 0));

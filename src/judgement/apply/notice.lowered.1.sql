-- The level falls: after quiet, by the machine below orange, by the level above otherwise.
UPDATE matter_version SET until_time = :time WHERE matter = :notice AND until_time = 9000000000000000;
INSERT INTO matter_version (matter, sequence, from_time, until_time, state, level, is_open, unit, post, role, title,
                            deadline_at, deadline_rule, is_overdue)
SELECT matter, :sequence, :time, 9000000000000000, state, :level, is_open, unit, post, role, title,
       deadline_at, deadline_rule, is_overdue
FROM matter_version WHERE matter = :notice ORDER BY sequence DESC LIMIT 1;
UPDATE notice_version SET until_time = :time WHERE notice = :notice AND until_time = 9000000000000000;
INSERT INTO notice_version (notice, sequence, from_time, until_time, period, explanation, record, plan, held, quiet,
                            quiet_needed, level_period, judged, asked, outcome)
SELECT notice, :sequence, :time, 9000000000000000, period, explanation, record, plan, NULL, 0,
       quiet_needed, period, judged, NULL, outcome
FROM notice_version WHERE notice = :notice ORDER BY sequence DESC LIMIT 1;
INSERT INTO matter_step (matter, sequence, time, type, what, post)
VALUES (:notice, :sequence, :time, 'notice.lowered', :what, nullif(:actor_post, 0));

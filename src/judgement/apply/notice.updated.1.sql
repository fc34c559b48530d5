-- New evidence, or a higher level, or the reason why the level is held. A shorter deadline replaces the running one. What
-- has been judged at a lower level is judged anew.
UPDATE matter_version SET until_time = :time WHERE matter = :notice AND until_time = 9000000000000000;
INSERT INTO matter_version (matter, sequence, from_time, until_time, state, level, is_open, unit, post, role, title,
                            deadline_at, deadline_rule, is_overdue)
SELECT matter, :sequence, :time, 9000000000000000,
       CASE WHEN :is_up AND state = 'in_response' THEN 'taken_over' ELSE state END, :level, is_open, unit, post, role, :title,
       coalesce(:deadline_at, deadline_at), coalesce(:deadline_rule, deadline_rule),
       CASE WHEN :deadline_at IS NULL THEN is_overdue ELSE 0 END
FROM matter_version WHERE matter = :notice ORDER BY sequence DESC LIMIT 1;
UPDATE notice_version SET until_time = :time WHERE notice = :notice AND until_time = 9000000000000000;
INSERT INTO notice_version (notice, sequence, from_time, until_time, period, explanation, record, plan, held, quiet,
                            quiet_needed, level_period, judged, asked, outcome)
SELECT notice, :sequence, :time, 9000000000000000, :period, :explanation, :record, :plan, :held, :quiet,
       :quiet_needed, CASE WHEN :is_up THEN :period ELSE level_period END, judged, asked, outcome
FROM notice_version WHERE notice = :notice ORDER BY sequence DESC LIMIT 1;
UPDATE deadline SET state = 'done' WHERE matter = :notice AND kind = 'act' AND state = 'running' AND :deadline_at IS NOT NULL;
INSERT INTO deadline (id, matter, kind, due_at, rule, state)
SELECT :sequence, :notice, 'act', :deadline_at, :deadline_rule, 'running' WHERE :deadline_at IS NOT NULL;
INSERT INTO matter_step (matter, sequence, time, type, what, post)
VALUES (:notice, :sequence, :time, 'notice.updated', :what, nullif(:actor_post, 0));

-- The judgement: upheld, changed or not upheld. Upheld and changed go into response with a new deadline.
UPDATE matter_version SET until_time = :time WHERE matter = :notice AND until_time = 9000000000000000;
INSERT INTO matter_version (matter, sequence, from_time, until_time, state, level, is_open, unit, post, role, title,
                            deadline_at, deadline_rule, is_overdue)
SELECT matter, :sequence, :time, 9000000000000000, :state, :level, :state <> 'not_upheld', unit, post, role, title,
       :deadline_at, :deadline_rule, 0
FROM matter_version WHERE matter = :notice ORDER BY sequence DESC LIMIT 1;
UPDATE notice_version SET until_time = :time WHERE notice = :notice AND until_time = 9000000000000000;
INSERT INTO notice_version (notice, sequence, from_time, until_time, period, explanation, record, plan, held, quiet,
                            quiet_needed, level_period, judged, asked, outcome)
SELECT notice, :sequence, :time, 9000000000000000, period, explanation, record, plan, held, quiet,
       quiet_needed, CASE WHEN :level > :level_before THEN period ELSE level_period END, :judged, NULL, outcome
FROM notice_version WHERE notice = :notice ORDER BY sequence DESC LIMIT 1;
UPDATE notice SET is_open = (:state <> 'not_upheld') WHERE id = :notice;
UPDATE deadline SET state = 'done' WHERE matter = :notice AND state = 'running';
INSERT INTO deadline (id, matter, kind, due_at, rule, state)
SELECT :sequence, :notice, 'act', :deadline_at, :deadline_rule, 'running' WHERE :deadline_at IS NOT NULL;
UPDATE ring SET ended_at = :time WHERE matter = :notice AND ended_at IS NULL;
INSERT INTO matter_step (matter, sequence, time, type, what, post)
VALUES (:notice, :sequence, :time, 'notice.judged', :what, nullif(:actor_post, 0));

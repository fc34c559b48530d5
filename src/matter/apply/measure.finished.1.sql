-- A measure is done, or dropped with a reason.
UPDATE matter_version SET until_time = :time WHERE matter = :measure AND until_time = 9000000000000000;
INSERT INTO matter_version (matter, sequence, from_time, until_time, state, level, is_open, unit, post, role, title,
                            deadline_at, deadline_rule, is_overdue)
SELECT matter, :sequence, :time, 9000000000000000, :state, level, 0, unit, post, role, title, deadline_at, deadline_rule, is_overdue
FROM matter_version WHERE matter = :measure ORDER BY sequence DESC LIMIT 1;
UPDATE deadline SET state = 'done' WHERE matter = :measure AND state = 'running';
UPDATE ring SET ended_at = :time WHERE matter = :measure AND ended_at IS NULL;
INSERT INTO matter_step (matter, sequence, time, type, what, post)
VALUES (:measure, :sequence, :time, 'measure.finished', :what, nullif(:actor_post, 0));

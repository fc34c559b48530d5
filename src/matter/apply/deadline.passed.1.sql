-- A deadline passed. An act's makes the matter overdue; a ring's ends that ring (the chain rings the next).
UPDATE deadline SET state = 'passed' WHERE id = :deadline;
UPDATE ring SET ended_at = :time WHERE id = :deadline AND ended_at IS NULL;
UPDATE matter_version SET until_time = :time
WHERE matter = :matter AND until_time = 9000000000000000 AND :kind = 'act';
INSERT INTO matter_version (matter, sequence, from_time, until_time, state, level, is_open, unit, post, role, title,
                            deadline_at, deadline_rule, is_overdue)
SELECT matter, :sequence, :time, 9000000000000000, state, level, is_open, unit, post, role, title,
       deadline_at, deadline_rule, 1
FROM matter_version WHERE matter = :matter AND :kind = 'act' ORDER BY sequence DESC LIMIT 1;
INSERT INTO matter_step (matter, sequence, time, type, what, post)
VALUES (:matter, :sequence, :time, 'deadline.passed', :what, NULL);

-- An office takes the notice over: it is the owner now, and its rings are answered.
UPDATE matter_version SET until_time = :time WHERE matter = :notice AND until_time = 9000000000000000;
INSERT INTO matter_version (matter, sequence, from_time, until_time, state, level, is_open, unit, post, role, title,
                            deadline_at, deadline_rule, is_overdue)
SELECT matter, :sequence, :time, 9000000000000000, :state, level, is_open, :unit, :post, role, title,
       deadline_at, deadline_rule, is_overdue
FROM matter_version WHERE matter = :notice ORDER BY sequence DESC LIMIT 1;
UPDATE ring SET acknowledged_at = :time, acknowledged_by = :post, ended_at = :time
WHERE matter = :notice AND ended_at IS NULL;
UPDATE deadline SET state = 'done' WHERE matter = :notice AND kind = 'ring' AND state = 'running';
INSERT INTO matter_step (matter, sequence, time, type, what, post)
VALUES (:notice, :sequence, :time, 'notice.taken_over', :what, :post);

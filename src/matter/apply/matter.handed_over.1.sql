-- Another post owns the matter from now on. Its deadline stays.
UPDATE matter_version SET until_time = :time WHERE matter = :matter AND until_time = 9000000000000000;
INSERT INTO matter_version (matter, sequence, from_time, until_time, state, level, is_open, unit, post, role, title,
                            deadline_at, deadline_rule, is_overdue)
SELECT matter, :sequence, :time, 9000000000000000, state, level, is_open, :unit, :post, role, title,
       deadline_at, deadline_rule, is_overdue
FROM matter_version WHERE matter = :matter ORDER BY sequence DESC LIMIT 1;
UPDATE deadline SET state = 'done' WHERE matter = :matter AND kind = 'ring' AND state = 'running';
UPDATE ring SET ended_at = :time WHERE matter = :matter AND ended_at IS NULL;
INSERT INTO matter_step (matter, sequence, time, type, what, post)
VALUES (:matter, :sequence, :time, 'matter.handed_over', :what, nullif(:actor_post, 0));

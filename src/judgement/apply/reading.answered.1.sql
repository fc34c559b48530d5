-- A doubt ends: by the office that was asked, or by the data that came later.
UPDATE doubt SET until_time = :time, answer = :answer, answer_value = :value, moved_to = :moved_to, answered = :answered,
                 answered_at = :time
WHERE id = :doubt;
UPDATE matter_version SET until_time = :time WHERE matter = :question AND until_time = 9000000000000000;
INSERT INTO matter_version (matter, sequence, from_time, until_time, state, level, is_open, unit, post, role, title,
                            deadline_at, deadline_rule, is_overdue)
SELECT matter, :sequence, :time, 9000000000000000, 'answered', level, 0, unit, post, role, title, NULL, NULL, 0
FROM matter_version WHERE matter = :question ORDER BY sequence DESC LIMIT 1;
UPDATE deadline SET state = 'done' WHERE matter = :question AND state = 'running';
UPDATE ring SET ended_at = :time WHERE matter = :question AND ended_at IS NULL;
INSERT INTO matter_step (matter, sequence, time, type, what, post)
SELECT :question, :sequence, :time, 'reading.answered', :what, nullif(:actor_post, 0) WHERE :question IS NOT NULL;

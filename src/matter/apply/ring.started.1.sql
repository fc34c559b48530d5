-- A ring must go out: to which post, why, and by when it must be acknowledged. A matter has one ring at a time: the new one ends
-- those before it.
UPDATE ring SET ended_at = :time WHERE matter = :matter AND ended_at IS NULL;
UPDATE deadline SET state = 'done' WHERE matter = :matter AND kind = 'ring' AND state = 'running';
INSERT INTO ring (id, matter, step, why, division, unit, post, due_at, token, started_at)
VALUES (:sequence, :matter, :step, :why, :division, :unit, :post, :due_at, :token, :time);
INSERT INTO deadline (id, matter, kind, due_at, rule, step, state)
VALUES (:sequence, :matter, 'ring', :due_at, :rule, :step, 'running');
INSERT INTO matter_step (matter, sequence, time, type, what, post)
VALUES (:matter, :sequence, :time, 'ring.started', :what, NULL);

-- Somebody answered the ring: nobody further is rung.
UPDATE ring SET acknowledged_at = :time, acknowledged_by = nullif(:actor_post, 0) WHERE id = :ring;
UPDATE ring SET ended_at = :time WHERE matter = :matter AND ended_at IS NULL;
UPDATE deadline SET state = 'done' WHERE matter = :matter AND kind = 'ring' AND state = 'running';
INSERT INTO matter_step (matter, sequence, time, type, what, post)
VALUES (:matter, :sequence, :time, 'ring.acknowledged', :what, nullif(:actor_post, 0));

-- A situation opens with its first notice.
INSERT INTO situation (id, event, field, origin, division, title, opened_at)
VALUES (:sequence, :event, :field, :origin, :division, :title, :time);
INSERT INTO situation_notice (situation, notice, from_time, sequence) VALUES (:sequence, :notice, :time, :sequence);
INSERT INTO matter_step (matter, sequence, time, type, what, post)
VALUES (:notice, :sequence, :time, 'situation.opened', :what, NULL);

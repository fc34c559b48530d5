-- Another notice of the same event joins a situation.
INSERT INTO situation_notice (situation, notice, from_time, sequence) VALUES (:situation, :notice, :time, :sequence);
INSERT INTO matter_step (matter, sequence, time, type, what, post)
VALUES (:notice, :sequence, :time, 'situation.joined', :what, NULL);

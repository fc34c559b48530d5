-- A morning of the replay is finished: {day}.
INSERT INTO replay_morning (day, sequence) VALUES (:day, :sequence);

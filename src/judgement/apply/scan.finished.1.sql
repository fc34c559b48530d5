-- A scan is over: what it looked at and what came of it.
INSERT INTO scan (id, time, through, series, signals, raised, updated, doubted, held_back)
VALUES (:sequence, :time, :through, :series, :signals, :raised, :updated, :doubted, :held_back);

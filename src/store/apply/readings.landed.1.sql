-- A part of a batch: {batch (0 in the first part: this entry), known_at, is_simulated, source,
-- source_zh, note}; payload: readings.
INSERT INTO batch (id, division, known_at, is_simulated, source, source_zh, note, time, parts)
SELECT :sequence, :division, :known_at, :is_simulated, :source, :source_zh, :note, :time, :parts
WHERE :part = 1;
-- blocks: readings
INSERT INTO landing (batch, last_series, last_period, rows)
VALUES (iif(:batch = 0, :sequence, :batch), :last_series, :last_period, :rows);
UPDATE batch SET completed = :sequence
WHERE id = iif(:batch = 0, :sequence, :batch) AND :part = :parts;

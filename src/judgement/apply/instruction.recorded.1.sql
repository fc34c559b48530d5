-- An instruction from above to a unit, or (with `instruction`) that it was carried out.
INSERT INTO instruction (id, division, unit, text_zh, text_en, due_at, time, done_at)
SELECT :sequence, :division, :unit, :text_zh, :text_en, :due_at, :time, :done_at WHERE :instruction IS NULL;
UPDATE instruction SET done_at = :time WHERE id = :instruction;

-- {code, name_zh, name_en}; the division is the entry's.
INSERT INTO unit (id, code, division, name_zh, name_en)
VALUES (:sequence, :code, :division, :name_zh, :name_en);

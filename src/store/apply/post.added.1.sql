-- {unit, code, name_zh, name_en}
INSERT INTO post (id, unit, code, name_zh, name_en)
VALUES (:sequence, :unit, :code, :name_zh, :name_en);

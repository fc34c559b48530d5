-- {pack, code, field, unit, frequency, direction, aggregation, decimals, name_zh, name_en, detail}.
-- Declared again, an indicator keeps its id, its frequency and its decimals.
INSERT INTO indicator (id, code, pack, field, unit, frequency, direction, aggregation, decimals,
                       name_zh, name_en, detail)
VALUES (:sequence, :code, :pack, :field, :unit, :frequency, :direction, :aggregation, :decimals,
        :name_zh, :name_en, :detail)
ON CONFLICT (code) DO UPDATE SET pack = excluded.pack, field = excluded.field, unit = excluded.unit,
    direction = excluded.direction, aggregation = excluded.aggregation,
    name_zh = excluded.name_zh, name_en = excluded.name_en, detail = excluded.detail;

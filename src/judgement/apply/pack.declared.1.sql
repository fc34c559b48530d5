-- A pack, or a new version of it, is met for the first time.
UPDATE pack_declared SET until_time = :time WHERE pack = :pack AND until_time = 9000000000000000;
INSERT INTO pack_declared (sequence, pack, version, field, body, from_time, until_time)
VALUES (:sequence, :pack, :version, :field, :declared, :time, 9000000000000000);
INSERT INTO pack_declared_indicator (sequence, code, event, event_zh, event_en, other, is_second, due_hours, body)
SELECT :sequence, value ->> 'code', value ->> 'event', value ->> 'event_zh', value ->> 'event_en', value ->> 'other',
       value ->> 'is_second', value ->> 'due_hours', value
FROM json_each(:declared, '$.indicators');

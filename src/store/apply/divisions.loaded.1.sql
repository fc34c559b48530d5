-- The tree of divisions as it stands from now on: {rows: [{id, code, parent, level, low, high,
-- name_zh, name_en, is_fictional}], kept: [ids whose row is as before]}. What is not listed ends.
UPDATE division SET until_time = :time
WHERE until_time = 9000000000000000 AND id NOT IN (SELECT value FROM json_each(:kept));
DELETE FROM division WHERE from_time = until_time;
INSERT INTO division (id, from_time, until_time, code, parent, level, name_zh, name_en, is_fictional)
SELECT r.value ->> 'id', :time, 9000000000000000, r.value ->> 'code', r.value ->> 'parent',
       r.value ->> 'level', r.value ->> 'name_zh', r.value ->> 'name_en', r.value ->> 'is_fictional'
FROM json_each(:rows) r
WHERE r.value ->> 'id' NOT IN (SELECT value FROM json_each(:kept));
DELETE FROM division_position;
INSERT INTO division_position (division, low, high)
SELECT r.value ->> 'id', r.value ->> 'low', r.value ->> 'high' FROM json_each(:rows) r;

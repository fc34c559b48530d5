-- A part of a tree of divisions: {tree (0 in the first part: this entry), base (the tree that stood;
-- 0: none), id_max (the highest id ever given), rows: [{id, code, parent, level, low, high, name_zh,
-- name_en, is_fictional}]}. The tree stands from its last part on.
INSERT INTO division_tree (id, base, command, id_max, landed, from_time)
SELECT :sequence, :base, :command_id, :id_max, 0, NULL WHERE :part = 1;
INSERT INTO division (tree, id, code, parent, level, name_zh, name_en, is_fictional)
SELECT iif(:tree = 0, :sequence, :tree), r.value ->> 'id', r.value ->> 'code', r.value ->> 'parent',
       r.value ->> 'level', r.value ->> 'name_zh', r.value ->> 'name_en', r.value ->> 'is_fictional'
FROM json_each(:rows) r;
INSERT INTO division_position (tree, division, low, high)
SELECT iif(:tree = 0, :sequence, :tree), r.value ->> 'id', r.value ->> 'low', r.value ->> 'high'
FROM json_each(:rows) r;
UPDATE division_tree SET landed = :part, from_time = iif(:part = :parts, :time, NULL)
WHERE id = iif(:tree = 0, :sequence, :tree);

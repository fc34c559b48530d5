-- A slice of a tree of divisions that never ended is cleared away: {tree}. With its last row goes the
-- tree, and its command has not acted. No part can follow.
DELETE FROM division_position
WHERE tree = :tree AND division IN (SELECT id FROM division WHERE tree = :tree ORDER BY id LIMIT 1024);
DELETE FROM division
WHERE tree = :tree AND id IN (SELECT id FROM division WHERE tree = :tree ORDER BY id LIMIT 1024);
DELETE FROM command
WHERE id = (SELECT command FROM division_tree WHERE id = :tree AND from_time IS NULL);
UPDATE division_tree SET landed = -1 WHERE id = :tree AND from_time IS NULL;
DELETE FROM division_tree
WHERE id = :tree AND from_time IS NULL AND NOT EXISTS (SELECT 1 FROM division WHERE tree = :tree);

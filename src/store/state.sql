-- SPDX-License-Identifier: GPL-3.0-or-later
-- state.sql: the statements by which the store keeps its own house in state.db.
--
-- What entries do to the state stands in apply/, what may be asked in query/. Here are transactions,
-- cursors, the check of command ids, and the folding of readings.

-- name: settings_writer
PRAGMA synchronous = NORMAL;
PRAGMA secure_delete = OFF;
PRAGMA cache_size = -65536;
-- name: settings_reader
PRAGMA cache_size = -8192;
-- name: begin
BEGIN IMMEDIATE;
-- name: begin_reading
BEGIN;
-- name: commit
COMMIT;
-- name: rollback
ROLLBACK;
-- name: savepoint
SAVEPOINT command;
-- name: release
RELEASE command;
-- name: rollback_to
ROLLBACK TO command;
-- name: declare_json
SELECT count(*) FROM json_each('[]'), json_tree('[]');
-- name: count_tables
SELECT count(*) FROM sqlite_schema;

-- name: read_text
SELECT value FROM local_text WHERE name = ?1;
-- name: write_text
INSERT INTO local_text (name, value) VALUES (?1, ?2)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;
-- name: read_cursor
SELECT applied, chain, time, fold FROM local_cursor WHERE id = 1;
-- name: write_cursor
INSERT INTO local_cursor (id, applied, chain, time, fold) VALUES (1, ?1, ?2, ?3, ?4)
ON CONFLICT (id) DO UPDATE SET applied = excluded.applied, chain = excluded.chain,
    time = excluded.time, fold = excluded.fold;
-- name: read_applied
SELECT applied FROM local_cursor WHERE id = 1;
-- name: read_time
SELECT time FROM local_cursor WHERE id = 1;
-- name: read_office
SELECT o.kind, o.division_code, o.name, d.id
FROM office o LEFT JOIN division d
  ON d.tree = (SELECT max(id) FROM division_tree WHERE from_time IS NOT NULL)
  AND d.code = o.division_code
WHERE o.id = 1;

-- name: note_command
INSERT INTO command (id, first_sequence, last_sequence) VALUES (?1, ?2, ?2)
ON CONFLICT (id) DO UPDATE SET last_sequence = excluded.last_sequence;
-- name: find_command
SELECT first_sequence, last_sequence FROM command WHERE id = ?1;
-- name: find_batch
SELECT c.first_sequence, b.completed IS NOT NULL
FROM command c LEFT JOIN batch b ON b.id = c.first_sequence WHERE c.id = ?1;
-- name: write_answer
INSERT INTO local_answer (command, answer) VALUES (?1, ?2)
ON CONFLICT (command) DO UPDATE SET answer = excluded.answer;
-- name: read_answer
SELECT answer FROM local_answer WHERE command = ?1;
-- name: read_incomplete_batch
SELECT id, division FROM batch WHERE completed IS NULL ORDER BY id LIMIT 1;
-- name: read_tree
SELECT id, id_max FROM division_tree WHERE from_time IS NOT NULL ORDER BY id DESC LIMIT 1;
-- name: walk_tree
SELECT code, id FROM division WHERE tree = ?1;
-- name: find_tree
SELECT t.id, t.from_time IS NOT NULL
FROM command c JOIN division_tree t ON t.id = c.first_sequence WHERE c.id = ?1;
-- name: read_tree_state
SELECT coalesce((SELECT max(id) FROM division_tree WHERE from_time IS NOT NULL), 0), t.landed,
       t.id IS NOT NULL AND t.from_time IS NULL
FROM (SELECT 1) LEFT JOIN division_tree t ON t.id = ?1;
-- name: read_incomplete_tree
SELECT id FROM division_tree WHERE from_time IS NULL ORDER BY id LIMIT 1;
-- name: read_scope_of_account
SELECT a.id, a.role, a.division, a.post, coalesce(p.unit, 0), n.low, n.high
FROM account a JOIN visible_position n ON n.division = a.division
LEFT JOIN post p ON p.id = a.post
WHERE a.id = ?1 OR (?1 IS NULL AND a.name = ?2);

-- name: read_known_at_max
SELECT max(known_at) FROM batch WHERE completed IS NOT NULL;
-- name: read_known_at
SELECT known_at FROM batch WHERE id = ?1;
-- name: read_series
SELECT i.frequency, i.decimals, s.division, s.is_simulated, s.indicator
FROM series s JOIN indicator i ON i.id = s.indicator WHERE s.id = ?1;
-- name: read_scoped_series
SELECT i.frequency, i.decimals, s.division, s.is_simulated, s.indicator
FROM series s JOIN indicator i ON i.id = s.indicator
JOIN visible_position p ON p.division = s.division
WHERE s.id = ?1 AND p.low >= ?2 AND p.high <= ?3;
-- name: walk_series
SELECT s.id, s.division, s.is_simulated
FROM series s JOIN visible_position p ON p.division = s.division
WHERE s.indicator = ?1 AND p.low >= ?2 AND p.high <= ?3 AND +s.id > ?4 ORDER BY s.id;
-- name: read_indicator
SELECT frequency, decimals FROM indicator WHERE id = ?1;
-- name: read_years
SELECT key, value, batch FROM reading_year WHERE key BETWEEN ?1 AND ?2 ORDER BY key;
-- name: read_year
SELECT value, batch FROM reading_year WHERE key = ?1;
-- name: write_year
INSERT INTO reading_year (key, value, batch) VALUES (?1, ?2, ?3)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, batch = excluded.batch;
-- name: read_replaced
SELECT period, value, batch, from_time FROM reading_replaced
WHERE series = ?1 AND period BETWEEN ?2 AND ?3 AND from_time <= ?4 AND ?4 < until_time;
-- name: read_versions
SELECT value, batch, from_time FROM reading_replaced
WHERE series = ?1 AND period = ?2 ORDER BY from_time, batch;
-- name: delete_versions
DELETE FROM reading_replaced WHERE series = ?1 AND period = ?2;
-- name: write_version
INSERT INTO reading_replaced (series, period, from_time, until_time, value, batch)
VALUES (?1, ?2, ?3, ?4, ?5, ?6);
-- name: read_unfolded
SELECT id, known_at, completed, parts FROM batch
WHERE completed IS NOT NULL AND is_folded = 0 ORDER BY completed;
-- name: count_unfolded
SELECT count(*), coalesce(sum(parts), 0) FROM batch
WHERE completed IS NOT NULL AND is_folded = 0;
-- name: delete_landed
DELETE FROM landing WHERE batch = ?1 AND last_series <= ?2;
-- name: shorten_landed
UPDATE landing SET rows = ?4 WHERE batch = ?1 AND last_series = ?2 AND last_period = ?3;
-- name: note_folded
UPDATE batch SET is_folded = 1 WHERE completed <= ?1 AND is_folded = 0;
-- name: walk_landed
SELECT rows, last_series, last_period FROM landing
WHERE batch = ?1 AND (last_series, last_period) >= (?2, ?3) ORDER BY last_series, last_period;
-- name: read_extent
SELECT (SELECT min(key) % 10000 FROM reading_year WHERE key BETWEEN ?1 * 10000 AND ?1 * 10000 + 9999),
       (SELECT max(key) % 10000 FROM reading_year WHERE key BETWEEN ?1 * 10000 AND ?1 * 10000 + 9999);
-- name: walk_scoped_series
SELECT s.id, s.is_simulated
FROM series s JOIN visible_position p ON p.division = s.division
WHERE s.id BETWEEN ?1 AND ?2 AND p.low >= ?3 AND p.high <= ?4 ORDER BY s.id;
-- name: read_batch_state
SELECT b.completed IS NULL, l.last_series, l.last_period
FROM batch b LEFT JOIN landing l ON l.batch = b.id
WHERE b.id = ?1 ORDER BY l.last_series DESC, l.last_period DESC LIMIT 1;

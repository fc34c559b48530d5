-- SPDX-License-Identifier: GPL-3.0-or-later
-- ledger.sql: the tables of ledger.db and every statement that touches them.
--
-- Append-only: updating or deleting is refused by triggers, and so is an insert that leaves a gap or
-- stands where a row stood, INSERT OR REPLACE included. The C code keeps the same order by itself;
-- the triggers hold it against everything else that opens the file through SQLite.
--
--   entry       sequence 0, 1, 2 ...           bytes: see entry.c
--   node        position 0, 1, 2 ...           hash of a complete subtree, in the order in which the
--                                              tree completes them: leaf 0, leaf 1, their parent, leaf 2 ...
--                                              (merkle.c gives the position of each)
--   checkpoint  size of the signed tree        note: see checkpoint.c
--   birth       sequence of ledger.created and of each ledger.continued

-- name: schema
PRAGMA application_id = 0x4c455645;
PRAGMA user_version = 1;
CREATE TABLE entry (
    sequence INTEGER PRIMARY KEY CHECK (sequence >= 0),
    bytes BLOB NOT NULL
) STRICT;
CREATE TABLE node (
    position INTEGER PRIMARY KEY CHECK (position >= 0),
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE TABLE checkpoint (
    size INTEGER PRIMARY KEY CHECK (size > 0),
    note TEXT NOT NULL
) STRICT;
CREATE TABLE birth (
    sequence INTEGER PRIMARY KEY CHECK (sequence >= 0)
) STRICT;
CREATE TRIGGER entry_insert BEFORE INSERT ON entry
WHEN NEW.sequence IS NOT 1 + ifnull((SELECT max(sequence) FROM entry), -1)
BEGIN SELECT RAISE(ABORT, 'entries are appended in order'); END;
CREATE TRIGGER entry_update BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'an entry is never changed'); END;
CREATE TRIGGER entry_delete BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'an entry is never deleted'); END;
CREATE TRIGGER node_insert BEFORE INSERT ON node
WHEN NEW.position IS NOT 1 + ifnull((SELECT max(position) FROM node), -1)
BEGIN SELECT RAISE(ABORT, 'nodes are appended in order'); END;
CREATE TRIGGER node_update BEFORE UPDATE ON node
BEGIN SELECT RAISE(ABORT, 'a node is never changed'); END;
CREATE TRIGGER node_delete BEFORE DELETE ON node
BEGIN SELECT RAISE(ABORT, 'a node is never deleted'); END;
CREATE TRIGGER checkpoint_insert BEFORE INSERT ON checkpoint
WHEN NEW.size <= ifnull((SELECT max(size) FROM checkpoint), 0)
BEGIN SELECT RAISE(ABORT, 'checkpoints grow'); END;
CREATE TRIGGER checkpoint_update BEFORE UPDATE ON checkpoint
BEGIN SELECT RAISE(ABORT, 'a checkpoint is never changed'); END;
CREATE TRIGGER checkpoint_delete BEFORE DELETE ON checkpoint
BEGIN SELECT RAISE(ABORT, 'a checkpoint is never deleted'); END;
CREATE TRIGGER birth_insert BEFORE INSERT ON birth
WHEN NEW.sequence <= ifnull((SELECT max(sequence) FROM birth), -1)
BEGIN SELECT RAISE(ABORT, 'births are appended in order'); END;
CREATE TRIGGER birth_update BEFORE UPDATE ON birth
BEGIN SELECT RAISE(ABORT, 'a birth is never changed'); END;
CREATE TRIGGER birth_delete BEFORE DELETE ON birth
BEGIN SELECT RAISE(ABORT, 'a birth is never deleted'); END;

-- name: read_version
PRAGMA user_version;
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
-- name: insert_entry
INSERT INTO entry (sequence, bytes) VALUES (?1, ?2);
-- name: insert_node
INSERT INTO node (position, hash) VALUES (?1, ?2);
-- name: insert_checkpoint
INSERT INTO checkpoint (size, note) VALUES (?1, ?2);
-- name: insert_birth
INSERT INTO birth (sequence) VALUES (?1);
-- name: read_last_sequence
SELECT max(sequence) FROM entry;
-- name: read_last_position
SELECT max(position) FROM node;
-- name: read_last_birth
SELECT max(sequence) FROM birth;
-- name: read_entry
SELECT bytes FROM entry WHERE sequence = ?1;
-- name: read_node
SELECT hash FROM node WHERE position = ?1;
-- name: walk_entries
SELECT sequence, bytes FROM entry WHERE sequence >= ?1 AND sequence < ?2 ORDER BY sequence;
-- name: walk_nodes
SELECT hash FROM node WHERE position >= ?1 ORDER BY position;
-- name: walk_checkpoints
SELECT size, note FROM checkpoint ORDER BY size;
-- name: walk_births
SELECT sequence FROM birth ORDER BY sequence;
-- name: read_birth_before
SELECT sequence FROM birth WHERE sequence < ?1 ORDER BY sequence DESC LIMIT 1;
-- name: read_checkpoint
SELECT size, note FROM checkpoint WHERE size <= ?1 ORDER BY size DESC LIMIT 1;
-- name: read_definition
SELECT name, sql FROM sqlite_schema ORDER BY name;
-- name: check_pages
PRAGMA integrity_check(1);

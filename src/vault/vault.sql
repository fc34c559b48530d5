-- SPDX-License-Identifier: GPL-3.0-or-later
-- vault.sql: the tables of vault.db and every statement that touches them.
--
--   signing_key  the newest signs; older ones stay, since a restored ledger may need to show them
--   credential   a password as Argon2id's own text; the empty name is the decoy against which
--                unknown names are checked
--   session      the hash of a token, never the token
--   throttle     failures of one day under a name, or under a bucket of unknown names ("?17")

-- name: schema
PRAGMA application_id = 0x4c455656;
PRAGMA user_version = 1;
CREATE TABLE signing_key (
    number INTEGER PRIMARY KEY,
    seed BLOB NOT NULL CHECK (length(seed) = 32),
    made_at INTEGER NOT NULL
) STRICT;
CREATE TABLE credential (
    name TEXT PRIMARY KEY,
    account INTEGER NOT NULL CHECK ((account = 0) = (name = '')),
    hash TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE session (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    account INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_account ON session (account);
CREATE TABLE throttle (
    name TEXT PRIMARY KEY,
    day INTEGER NOT NULL,
    failure_count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- name: read_version
PRAGMA user_version;
-- name: begin
BEGIN IMMEDIATE;
-- name: commit
COMMIT;
-- name: rollback
ROLLBACK;
-- name: insert_key
INSERT INTO signing_key (seed, made_at) VALUES (?1, ?2);
-- name: read_key
SELECT seed FROM signing_key ORDER BY number DESC LIMIT 1;
-- name: read_credential
SELECT hash, account FROM credential WHERE name = ?1;
-- name: write_credential
INSERT INTO credential (name, account, hash) VALUES (?1, ?2, ?3)
ON CONFLICT (name) DO UPDATE SET account = excluded.account, hash = excluded.hash;
-- name: delete_credential
DELETE FROM credential WHERE name = ?1;
-- name: count_failure
INSERT INTO throttle (name, day, failure_count) VALUES (?1, ?2, 1)
ON CONFLICT (name) DO UPDATE SET
    failure_count = iif(day = excluded.day, failure_count + 1, 1), day = excluded.day
RETURNING failure_count;
-- name: forgive_failure
UPDATE throttle SET failure_count = max(0, failure_count - 1) WHERE name = ?1;
-- name: delete_old_failures
DELETE FROM throttle WHERE day < ?1;
-- name: insert_session
INSERT INTO session (hash, account, opened_at, used_at) VALUES (?1, ?2, ?3, ?3);
-- name: read_session
SELECT account, opened_at, used_at FROM session WHERE hash = ?1;
-- name: note_session
UPDATE session SET used_at = ?2 WHERE hash = ?1;
-- name: delete_session
DELETE FROM session WHERE hash = ?1;
-- name: delete_account_sessions
DELETE FROM session WHERE account = ?1;
-- name: delete_old_sessions
DELETE FROM session WHERE opened_at <= ?1 OR used_at <= ?2;
-- name: delete_all_sessions
DELETE FROM session;

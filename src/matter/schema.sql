-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Tables of src/matter: what has an owner, a state, a deadline and a timeline.
--
-- A matter is born by one entry and has its sequence as id. What changes about it stands in matter_version, a new row for every
-- entry that changes it, each with the time it holds: [from_time, until_time). Rows are never rewritten except for their end, so
-- that any past view can be read. matter_step is the timeline. A deadline is set by exactly one entry and has its sequence as id.
-- A ring is one attempt to reach one post; ring_sending says what became of it at each port.

CREATE TABLE matter (
    id INTEGER PRIMARY KEY,     -- sequence of the entry that made it
    kind TEXT NOT NULL,         -- notice, question, measure: see the table in matter.c
    field TEXT NOT NULL,
    division INTEGER NOT NULL,
    origin TEXT NOT NULL,       -- real, simulated
    opened_at INTEGER NOT NULL,
    about INTEGER               -- question: the doubt; measure: the situation
) STRICT;
CREATE INDEX matter_about ON matter (about) WHERE about IS NOT NULL;

CREATE TABLE matter_version (
    matter INTEGER NOT NULL REFERENCES matter (id),
    sequence INTEGER NOT NULL,  -- of the entry that made this version
    from_time INTEGER NOT NULL,
    until_time INTEGER NOT NULL,
    state TEXT NOT NULL,
    level INTEGER NOT NULL,     -- 0 none .. 4 red
    is_open INTEGER NOT NULL,
    unit INTEGER,
    post INTEGER,
    role TEXT,                  -- of the duty table, by which the owner was found
    title TEXT NOT NULL,        -- {"key", "arguments"}
    deadline_at INTEGER,
    deadline_rule TEXT,         -- pack, version and clause by which it was computed, once
    is_overdue INTEGER NOT NULL,
    PRIMARY KEY (matter, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX matter_version_now ON matter_version (matter) WHERE until_time = 9000000000000000;
CREATE INDEX matter_version_open ON matter_version (deadline_at, matter) WHERE is_open = 1 AND until_time = 9000000000000000;

CREATE TABLE matter_step (
    matter INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    time INTEGER NOT NULL,
    type TEXT NOT NULL,         -- of the entry
    what TEXT NOT NULL,         -- {"key", "arguments"}
    post INTEGER,               -- that did it; NULL: the machine
    PRIMARY KEY (matter, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE deadline (
    id INTEGER PRIMARY KEY,     -- sequence of the entry that set it
    matter INTEGER NOT NULL,
    kind TEXT NOT NULL,         -- act: the owner must act; ring: the ring must be acknowledged
    due_at INTEGER NOT NULL,
    rule TEXT NOT NULL,
    step INTEGER,               -- ring: of the ladder in ring.c
    state TEXT NOT NULL         -- running, passed, done
) STRICT;
CREATE INDEX deadline_running ON deadline (due_at, id) WHERE state = 'running';
CREATE INDEX deadline_matter ON deadline (matter) WHERE state = 'running';

CREATE TABLE ring (
    id INTEGER PRIMARY KEY,     -- sequence of ring.started
    matter INTEGER NOT NULL,
    step INTEGER NOT NULL,
    why TEXT NOT NULL,          -- owner, owner_again, deputy, level_above
    division INTEGER NOT NULL,  -- whose post it is
    unit INTEGER,
    post INTEGER,
    due_at INTEGER NOT NULL,
    token TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    acknowledged_at INTEGER,
    acknowledged_by INTEGER,
    ended_at INTEGER            -- acknowledged, passed on, or the matter is closed
) STRICT;
CREATE INDEX ring_matter ON ring (matter);
CREATE INDEX ring_token ON ring (token);
CREATE INDEX ring_waiting ON ring (post) WHERE ended_at IS NULL;

CREATE TABLE ring_sending (
    ring INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    port TEXT NOT NULL,
    outcome TEXT NOT NULL,      -- sent, failed
    time INTEGER NOT NULL,
    PRIMARY KEY (ring, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE duty (
    field TEXT NOT NULL,        -- '*': every field
    role TEXT NOT NULL,
    division INTEGER NOT NULL,
    from_time INTEGER NOT NULL,
    until_time INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    unit INTEGER NOT NULL,
    post INTEGER NOT NULL,
    deputy_unit INTEGER,
    deputy_post INTEGER,
    PRIMARY KEY (division, role, field, sequence)
) STRICT, WITHOUT ROWID;

-- A matter is seen in the scope of its division, and by the post that owns it wherever that stands.
CREATE VIEW visible_matter AS
SELECT m.id, m.kind, m.field, m.division, m.origin, m.opened_at, m.about, v.sequence, v.from_time, v.state, v.level, v.is_open,
       v.unit, v.post, v.role, v.title, v.deadline_at, v.deadline_rule,
       v.is_overdue OR (v.is_open AND coalesce(v.deadline_at <= as_of(), 0)) AS is_overdue
FROM matter m JOIN matter_version v ON v.matter = m.id AND v.from_time <= as_of() AND as_of() < v.until_time
WHERE v.post = reader_post() OR EXISTS (SELECT 1 FROM visible_scope c WHERE c.division = m.division);

CREATE VIEW visible_matter_step AS
SELECT s.matter, s.sequence, s.time, s.type, s.what, s.post, p.unit
FROM matter_step s LEFT JOIN post p ON p.id = s.post
WHERE s.time <= as_of() AND EXISTS (SELECT 1 FROM visible_matter m WHERE m.id = s.matter);

CREATE VIEW visible_ring AS
SELECT r.id, r.matter, r.step, r.why, r.division, r.unit, r.post, r.due_at, r.started_at,
       CASE WHEN r.acknowledged_at <= as_of() THEN r.acknowledged_at END AS acknowledged_at,
       r.ended_at IS NULL OR r.ended_at > as_of() AS is_waiting
FROM ring r WHERE r.started_at <= as_of();

-- Tokens and running deadlines are the program's own business.
CREATE VIEW visible_ring_token AS SELECT id, token FROM ring WHERE reader_role() = 3;
CREATE VIEW visible_ring_sending AS SELECT ring, sequence, port, outcome, time FROM ring_sending WHERE time <= as_of();
CREATE VIEW visible_deadline AS
SELECT id, matter, kind, due_at, rule, step FROM deadline WHERE state = 'running' AND reader_role() = 3;

-- Who answers for what is public inside.
CREATE VIEW visible_duty AS
SELECT d.field, d.role, d.division, d.unit, d.post, d.deputy_unit, d.deputy_post
FROM duty d WHERE d.from_time <= as_of() AND as_of() < d.until_time;

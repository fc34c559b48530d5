-- The state of the store itself: where, who, which indicators, which readings.
--
-- State is a function of the ledger: everything here can be thrown away and built again. Tables
-- named local_... hold what belongs to this copy of the state only and are not part of its digest.
-- Temporal rows hold from from_time until until_time (9000000000000000: still).

CREATE TABLE local_text (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
-- How far this state has come: the next sequence to apply, the next sequence whose follow-ups are to
-- be run, the time of the newest entry, the completion up to which a fold that is under way goes.
CREATE TABLE local_cursor (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    applied INTEGER NOT NULL,
    chain INTEGER NOT NULL,
    time INTEGER NOT NULL,
    fold INTEGER NOT NULL
) STRICT;
-- What a command added to its answer; a repeat after a rebuild gets id and sequence alone.
CREATE TABLE local_answer (command BLOB PRIMARY KEY, answer TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- Which commands have acted: the first and last entry of each.
CREATE TABLE command (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    first_sequence INTEGER NOT NULL,
    last_sequence INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row: whose store this is and, in a replay or drill, what time it is there.
CREATE TABLE office (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    kind TEXT NOT NULL CHECK (kind IN ('live', 'replay', 'drill')),
    division_code TEXT NOT NULL,
    name TEXT NOT NULL,
    business_time INTEGER NOT NULL
) STRICT;

-- Every tree of divisions that was loaded, under the sequence of its first part. It holds from
-- from_time on, until the next one does; NULL: it is not whole yet. `landed`: parts so far; -1: it is
-- being cleared away. `base`: the tree whose ids it took over. See divisions.c.
CREATE TABLE division_tree (
    id INTEGER PRIMARY KEY,
    base INTEGER NOT NULL,
    command BLOB NOT NULL,
    id_max INTEGER NOT NULL,
    landed INTEGER NOT NULL,
    from_time INTEGER
) STRICT;
-- A division keeps its id from tree to tree; code, name and parent may change. Where it stands in
-- its tree is an interval of positions: a division lies inside another when its interval does.
CREATE TABLE division (
    tree INTEGER NOT NULL,
    id INTEGER NOT NULL,
    code TEXT NOT NULL,
    parent INTEGER NOT NULL,
    level INTEGER NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    is_fictional INTEGER NOT NULL CHECK (is_fictional IN (0, 1)),
    PRIMARY KEY (tree, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX division_by_code ON division (tree, code);
CREATE TABLE division_position (
    tree INTEGER NOT NULL,
    division INTEGER NOT NULL,
    low INTEGER NOT NULL,
    high INTEGER NOT NULL CHECK (low <= high),
    PRIMARY KEY (tree, division)
) STRICT, WITHOUT ROWID;

CREATE TABLE unit (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    division INTEGER NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL
) STRICT;
CREATE TABLE post (
    id INTEGER PRIMARY KEY,
    unit INTEGER NOT NULL,
    code TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    UNIQUE (unit, code)
) STRICT;
CREATE TABLE account (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    division INTEGER NOT NULL,
    role INTEGER NOT NULL CHECK (role BETWEEN 0 AND 2),
    post INTEGER NOT NULL
) STRICT;

CREATE TABLE indicator (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    pack TEXT NOT NULL,
    field TEXT NOT NULL,
    unit TEXT NOT NULL,
    frequency TEXT NOT NULL CHECK (frequency IN ('D', 'W', 'M', 'Q', 'Y')),
    direction TEXT NOT NULL,
    aggregation TEXT NOT NULL,
    decimals INTEGER NOT NULL CHECK (decimals BETWEEN 0 AND 9),
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    detail TEXT
) STRICT;
CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    indicator INTEGER NOT NULL,
    division INTEGER NOT NULL,
    stratum TEXT NOT NULL,
    is_simulated INTEGER NOT NULL CHECK (is_simulated IN (0, 1)),
    UNIQUE (indicator, division, stratum, is_simulated)
) STRICT;

-- A batch counts when it is complete: `completed` is the sequence of its last part.
CREATE TABLE batch (
    id INTEGER PRIMARY KEY,
    division INTEGER NOT NULL,
    known_at INTEGER NOT NULL,
    is_simulated INTEGER NOT NULL CHECK (is_simulated IN (0, 1)),
    source TEXT NOT NULL,
    source_zh TEXT NOT NULL,
    note TEXT NOT NULL,
    time INTEGER NOT NULL,
    parts INTEGER NOT NULL,
    completed INTEGER,
    is_folded INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX batch_unfolded ON batch (completed, id) WHERE is_folded = 0;
CREATE INDEX batch_incomplete ON batch (id) WHERE completed IS NULL;
CREATE INDEX batch_known ON batch (known_at) WHERE completed IS NOT NULL;
-- Readings as they came, until they are folded, in blocks (landing.c). A batch is sorted, so its
-- parts go in at the end.
CREATE TABLE landing (
    batch INTEGER NOT NULL,
    last_series INTEGER NOT NULL,
    last_period INTEGER NOT NULL,
    rows BLOB NOT NULL,
    PRIMARY KEY (batch, last_series, last_period)
) STRICT, WITHOUT ROWID;
-- Readings at rest: key = series * 10000 + year; value: doubles, batch: 64-bit integers, both
-- little-endian, one place per period of the year (366 days, 53 weeks, 12 months, 4 quarters, 1).
CREATE TABLE reading_year (
    key INTEGER PRIMARY KEY,
    value BLOB NOT NULL,
    batch BLOB NOT NULL
) STRICT;
-- What was replaced: known from `from_time` until `until_time`. NULL: withdrawn.
CREATE TABLE reading_replaced (
    series INTEGER NOT NULL,
    period INTEGER NOT NULL,
    from_time INTEGER NOT NULL,
    batch INTEGER NOT NULL,
    until_time INTEGER NOT NULL,
    value REAL,
    PRIMARY KEY (series, period, from_time, batch)
) STRICT, WITHOUT ROWID;

CREATE VIEW visible_office AS SELECT kind, division_code, name, business_time FROM office;
-- The tree as it stands, and as it stood at as_of().
CREATE VIEW visible_position AS
SELECT division, low, high FROM division_position
WHERE tree = (SELECT max(id) FROM division_tree WHERE from_time IS NOT NULL);
-- The divisions in the reader's scope, as the tree stands. Other views join this one.
CREATE VIEW visible_scope AS
SELECT division, low, high FROM visible_position
WHERE low >= reader_low() AND high <= reader_high();
-- Names of all divisions are public.
CREATE VIEW visible_division_name AS
SELECT d.id, d.code, d.parent, d.level, d.name_zh, d.name_en, d.is_fictional, p.low, p.high
FROM division d JOIN visible_position p ON p.division = d.id
WHERE d.tree = (SELECT max(id) FROM division_tree WHERE from_time <= as_of());
CREATE VIEW visible_division AS
SELECT d.id, d.code, d.parent, d.level, d.name_zh, d.name_en, d.is_fictional, p.low, p.high
FROM division d JOIN visible_position p ON p.division = d.id
WHERE d.tree = (SELECT max(id) FROM division_tree WHERE from_time <= as_of())
  AND p.low >= reader_low() AND p.high <= reader_high();
CREATE VIEW visible_unit AS SELECT id, code, division, name_zh, name_en FROM unit;
CREATE VIEW visible_post AS SELECT id, unit, code, name_zh, name_en FROM post;
CREATE VIEW visible_account AS
SELECT id, name, division, role, post FROM account
WHERE reader_role() >= 2 OR id = reader_account();
CREATE VIEW visible_indicator AS
SELECT id, code, pack, field, unit, frequency, direction, aggregation, decimals, name_zh, name_en,
       detail
FROM indicator;
CREATE VIEW visible_series AS
SELECT s.id, s.indicator, s.division, s.stratum, s.is_simulated,
       CASE s.is_simulated WHEN 1 THEN 'simulated' ELSE 'real' END AS origin
FROM series s JOIN visible_position p ON p.division = s.division
WHERE p.low >= reader_low() AND p.high <= reader_high();
CREATE VIEW visible_batch AS
SELECT id, division, known_at, is_simulated, source, source_zh, time, completed,
       CASE is_simulated WHEN 1 THEN 'simulated' ELSE 'real' END AS origin
FROM batch
WHERE completed IS NOT NULL AND known_at <= as_of();

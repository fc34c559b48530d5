-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Tables of src/judgement: signals, doubts, notices, situations, scans, and what is pinned beside them.
--
-- A notice is a matter (src/matter): state, level, owner and deadline stand in matter_version; here stands what makes it a notice.
-- notice_version holds its words, one row an entry, with the time each holds. A doubt is a reading that is kept and not believed;
-- it ends when it is answered. A situation gathers notices of one event, one origin and one tree; its level is that of its worst
-- open notice and is never stored. pack_declared is what a pack said when its version was first met, so that a past page can be
-- shown with the pack of its day.

CREATE TABLE notice (
    id INTEGER PRIMARY KEY REFERENCES matter (id),
    field TEXT NOT NULL,
    indicator TEXT NOT NULL,    -- code
    division INTEGER NOT NULL,
    division_parent INTEGER NOT NULL, -- when it was raised: neighbours have the same
    series INTEGER NOT NULL,
    origin TEXT NOT NULL,
    pack TEXT NOT NULL,         -- name@version
    rule TEXT NOT NULL,         -- the rule, band or detector that raised it
    event TEXT NOT NULL,
    period INTEGER NOT NULL,    -- ordinal of the period that raised it
    parent INTEGER,             -- the open notice of the nearest division above
    is_open INTEGER NOT NULL    -- as of the newest entry
) STRICT;
CREATE UNIQUE INDEX notice_one_open ON notice (field, indicator, division, origin) WHERE is_open = 1;
CREATE INDEX notice_parent ON notice (parent) WHERE parent IS NOT NULL;
CREATE INDEX notice_series ON notice (series);
CREATE INDEX notice_division ON notice (division, indicator);
CREATE INDEX notice_neighbours ON notice (event, origin, division_parent);

CREATE TABLE notice_version (
    notice INTEGER NOT NULL REFERENCES notice (id),
    sequence INTEGER NOT NULL,
    from_time INTEGER NOT NULL,
    until_time INTEGER NOT NULL,
    period INTEGER NOT NULL,    -- ordinal of the newest period that was judged
    explanation TEXT NOT NULL,  -- list of {"key", "arguments"}
    record TEXT NOT NULL,       -- list of {"rule", "fired", "came_true", "keys"}
    plan TEXT NOT NULL,         -- list of {"zh", "en"}
    held TEXT,                  -- why the level did not fall: {"key", "arguments"}
    quiet INTEGER NOT NULL,     -- complete and believed periods below its level, up to now
    quiet_needed INTEGER NOT NULL,
    level_period INTEGER NOT NULL, -- at which the level last changed: quiet counts after it only
    judged TEXT,                -- {"verdict", "reason", "time", "post"}
    asked TEXT,                 -- {"level", "reason", "time", "division"}: lowering asked for
    outcome TEXT,
    PRIMARY KEY (notice, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX notice_version_now ON notice_version (notice) WHERE until_time = 9000000000000000;

CREATE TABLE situation (
    id INTEGER PRIMARY KEY,     -- sequence of situation.opened
    event TEXT NOT NULL,
    field TEXT NOT NULL,
    origin TEXT NOT NULL,
    division INTEGER NOT NULL,
    title TEXT NOT NULL,
    opened_at INTEGER NOT NULL
) STRICT;
CREATE INDEX situation_event ON situation (event, origin);

CREATE TABLE situation_notice (
    situation INTEGER NOT NULL REFERENCES situation (id),
    notice INTEGER NOT NULL REFERENCES notice (id),
    from_time INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (situation, notice)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX situation_notice_one ON situation_notice (notice);

CREATE TABLE signal (
    sequence INTEGER NOT NULL,
    number INTEGER NOT NULL,    -- inside the entry
    series INTEGER NOT NULL,
    period INTEGER NOT NULL,
    method TEXT NOT NULL,
    value TEXT NOT NULL,        -- decimal text, as are the two below: nothing here is computed with
    expected TEXT,
    upper TEXT,
    time INTEGER NOT NULL,
    PRIMARY KEY (series, period, method, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE doubt (
    id INTEGER PRIMARY KEY,     -- sequence of reading.doubted
    series INTEGER NOT NULL,
    indicator TEXT NOT NULL,
    field TEXT NOT NULL,
    division INTEGER NOT NULL,
    origin TEXT NOT NULL,
    period INTEGER NOT NULL,
    period_text TEXT NOT NULL,
    value TEXT NOT NULL,
    reason TEXT NOT NULL,       -- list of {"key", "arguments"}
    other_value TEXT,           -- what the second source has
    from_time INTEGER NOT NULL,
    until_time INTEGER NOT NULL,
    question INTEGER,           -- the matter that asks
    answer TEXT,                -- kept, corrected, withdrawn
    answer_value TEXT,
    moved_to TEXT,              -- the period under which the feed shows the missing figure
    answered TEXT,              -- list of {"key", "arguments"}
    answered_at INTEGER
) STRICT;
CREATE UNIQUE INDEX doubt_reading ON doubt (series, period, id);
CREATE INDEX doubt_open ON doubt (series) WHERE until_time = 9000000000000000;

CREATE TABLE scan (
    id INTEGER PRIMARY KEY,     -- sequence of scan.finished
    time INTEGER NOT NULL,
    through INTEGER NOT NULL,   -- sequence up to which readings were seen
    series INTEGER NOT NULL,
    signals INTEGER NOT NULL,
    raised INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    doubted INTEGER NOT NULL,
    held_back INTEGER NOT NULL
) STRICT;

CREATE TABLE held_back (        -- what the alarm budget kept from ringing
    sequence INTEGER NOT NULL,
    number INTEGER NOT NULL,
    field TEXT NOT NULL,
    indicator TEXT NOT NULL,
    division INTEGER NOT NULL,
    series INTEGER NOT NULL,
    origin TEXT NOT NULL,
    period INTEGER NOT NULL,
    level INTEGER NOT NULL,
    rule TEXT NOT NULL,
    time INTEGER NOT NULL,
    PRIMARY KEY (sequence, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE official_act (     -- what the authority entitled to it did; never a level of ours
    id INTEGER PRIMARY KEY,
    division INTEGER NOT NULL,
    kind TEXT NOT NULL,         -- official, finding, definition
    act_at INTEGER NOT NULL,
    day_text_zh TEXT NOT NULL,  -- as the source gives it: "2020-07-25, about 23:00"
    day_text_en TEXT NOT NULL,
    act_zh TEXT NOT NULL,
    act_en TEXT NOT NULL,
    authority_zh TEXT,
    authority_en TEXT,
    source_zh TEXT NOT NULL,
    source_en TEXT NOT NULL,
    incident_grade TEXT,        -- I..IV, where the act sets one
    response_level TEXT,
    time INTEGER NOT NULL       -- when it was pinned
) STRICT;
CREATE INDEX official_act_division ON official_act (division, act_at);

CREATE TABLE outcome_event (    -- dated and sourced: the only thing a lead time may be claimed against
    id INTEGER PRIMARY KEY,
    division INTEGER NOT NULL,
    field TEXT NOT NULL,
    kind TEXT NOT NULL,         -- onset, report, outcome
    day TEXT NOT NULL,
    text_zh TEXT NOT NULL,
    text_en TEXT NOT NULL,
    source_zh TEXT NOT NULL,
    source_en TEXT NOT NULL,
    time INTEGER NOT NULL
) STRICT;
CREATE INDEX outcome_event_division ON outcome_event (division, field);

CREATE TABLE instruction (
    id INTEGER PRIMARY KEY,
    division INTEGER NOT NULL,
    unit INTEGER NOT NULL,
    text_zh TEXT NOT NULL,
    text_en TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    time INTEGER NOT NULL,
    done_at INTEGER
) STRICT;

CREATE TABLE typed_figure (     -- a figure an office was asked for, and the minutes it took
    sequence INTEGER PRIMARY KEY,
    series INTEGER NOT NULL,
    division INTEGER NOT NULL,
    period TEXT NOT NULL,
    minutes INTEGER NOT NULL,
    post INTEGER,
    time INTEGER NOT NULL
) STRICT;

CREATE TABLE pack_declared (
    sequence INTEGER PRIMARY KEY,
    pack TEXT NOT NULL,
    version INTEGER NOT NULL,
    field TEXT NOT NULL,
    body TEXT NOT NULL,         -- what pages need of it: see pack_say.c
    from_time INTEGER NOT NULL,
    until_time INTEGER NOT NULL
) STRICT;
CREATE INDEX pack_declared_now ON pack_declared (pack) WHERE until_time = 9000000000000000;
CREATE TABLE pack_declared_indicator (
    sequence INTEGER NOT NULL,
    code TEXT NOT NULL,
    event TEXT NOT NULL,
    event_zh TEXT NOT NULL,
    event_en TEXT NOT NULL,
    other TEXT,                 -- code of the second source
    is_second INTEGER NOT NULL,
    due_hours INTEGER NOT NULL, -- > 0: an office types it
    body TEXT NOT NULL,
    PRIMARY KEY (sequence, code)
) STRICT, WITHOUT ROWID;

CREATE VIEW visible_notice AS
SELECT n.id, n.field, n.indicator, n.division, n.division_parent, n.series, n.origin, n.pack, n.rule, n.event, n.period AS first_period, n.parent,
       m.opened_at AS raised_at, m.state, m.level, m.is_open, m.unit, m.post, m.role, m.title, m.deadline_at, m.deadline_rule,
       m.is_overdue, v.period, v.explanation, v.record, v.plan, v.held, v.quiet, v.quiet_needed, v.level_period, v.judged, v.asked, v.outcome,
       (SELECT s.situation FROM situation_notice s WHERE s.notice = n.id AND s.from_time <= as_of()) AS situation
FROM notice n
JOIN visible_matter m ON m.id = n.id
JOIN notice_version v ON v.notice = n.id AND v.from_time <= as_of() AND as_of() < v.until_time;

-- A situation as its reader sees it: through the notices in the reader's scope. Its worst notice is the open one of the highest
-- level, the first raised of several.
CREATE VIEW visible_situation AS
SELECT s.id, s.event, s.field, s.origin, s.division, s.title, s.opened_at, n.id AS worst, n.level, n.is_open,
       max((n.is_open * 8 + n.level) * 1000000000000 - n.id) AS worst_rank, count(*) AS notice_count
FROM situation s
JOIN situation_notice j ON j.situation = s.id AND j.from_time <= as_of()
JOIN visible_notice n ON n.id = j.notice
GROUP BY s.id;

CREATE VIEW visible_situation_notice AS
SELECT j.situation, j.notice, j.from_time FROM situation_notice j
WHERE j.from_time <= as_of() AND EXISTS (SELECT 1 FROM visible_notice n WHERE n.id = j.notice);

CREATE VIEW visible_doubt AS
SELECT d.id, d.series, d.indicator, d.field, d.division, d.origin, d.period, d.period_text, d.value, d.reason, d.other_value,
       d.from_time, d.question, as_of() < d.until_time AS is_open,
       CASE WHEN d.until_time <= as_of() THEN d.answer END AS answer,
       CASE WHEN d.until_time <= as_of() THEN d.answer_value END AS answer_value,
       CASE WHEN d.until_time <= as_of() THEN d.moved_to END AS moved_to,
       CASE WHEN d.until_time <= as_of() THEN d.answered END AS answered,
       CASE WHEN d.until_time <= as_of() THEN d.answered_at END AS answered_at
FROM doubt d WHERE d.from_time <= as_of() AND EXISTS (SELECT 1 FROM visible_scope c WHERE c.division = d.division);

CREATE VIEW visible_signal AS
SELECT s.sequence, s.number, s.series, s.period, s.method, s.value, s.expected, s.upper, s.time
FROM signal s WHERE s.time <= as_of() AND EXISTS (SELECT 1 FROM visible_series v WHERE v.id = s.series);

CREATE VIEW visible_scan AS
SELECT id, time, through, series, signals, raised, updated, doubted, held_back FROM scan WHERE time <= as_of();
CREATE VIEW visible_held_back AS
SELECT h.sequence, h.number, h.field, h.indicator, h.division, h.series, h.origin, h.period, h.level, h.rule, h.time
FROM held_back h WHERE h.time <= as_of() AND EXISTS (SELECT 1 FROM visible_scope c WHERE c.division = h.division);

-- What an authority published is public.
CREATE VIEW visible_official_act AS
SELECT id, division, kind, act_at, day_text_zh, day_text_en, act_zh, act_en, authority_zh, authority_en, source_zh, source_en,
       incident_grade, response_level, time
FROM official_act WHERE time <= as_of();
CREATE VIEW visible_outcome_event AS
SELECT id, division, field, kind, day, text_zh, text_en, source_zh, source_en, time FROM outcome_event WHERE time <= as_of();

CREATE VIEW visible_instruction AS
SELECT i.id, i.division, i.unit, i.text_zh, i.text_en, i.due_at, i.time,
       CASE WHEN i.done_at <= as_of() THEN i.done_at END AS done_at
FROM instruction i WHERE i.time <= as_of() AND EXISTS (SELECT 1 FROM visible_scope c WHERE c.division = i.division);
CREATE VIEW visible_typed_figure AS
SELECT t.sequence, t.series, t.division, t.period, t.minutes, t.post, t.time
FROM typed_figure t WHERE t.time <= as_of() AND EXISTS (SELECT 1 FROM visible_scope c WHERE c.division = t.division);

CREATE VIEW visible_pack AS
SELECT sequence, pack, version, field, body FROM pack_declared
WHERE from_time <= as_of() AND as_of() < until_time;
CREATE VIEW visible_pack_indicator AS
SELECT i.code, i.event, i.event_zh, i.event_en, i.other, i.is_second, i.due_hours, i.body, p.pack, p.field
FROM pack_declared_indicator i JOIN pack_declared p ON p.sequence = i.sequence
WHERE p.from_time <= as_of() AND as_of() < p.until_time;

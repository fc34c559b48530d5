-- What a replay knows of itself: the seed of what is made up, and the mornings that are finished.

CREATE TABLE replay (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seed INTEGER NOT NULL
) STRICT;
-- A morning is finished when what became known by then has landed and was judged; `day` counts
-- from 1970-01-01, local.
CREATE TABLE replay_morning (
    day INTEGER PRIMARY KEY,
    sequence INTEGER NOT NULL
) STRICT;

CREATE VIEW visible_replay AS SELECT id, seed FROM replay;
CREATE VIEW visible_replay_morning AS SELECT day, sequence FROM replay_morning;

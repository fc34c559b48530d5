-- An office typed a figure it was asked for, and how many minutes that took.
INSERT INTO typed_figure (sequence, series, division, period, minutes, post, time)
VALUES (:sequence, :series, :division, :period, :minutes, nullif(:actor_post, 0), :time);

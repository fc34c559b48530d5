-- A measure: who does what by when, for a situation.
INSERT INTO matter (id, kind, field, division, origin, opened_at, about)
VALUES (:sequence, 'measure', :field, :division, :origin, :time, :situation);
INSERT INTO matter_version (matter, sequence, from_time, until_time, state, level, is_open, unit, post, role, title,
                            deadline_at, deadline_rule, is_overdue)
VALUES (:sequence, :sequence, :time, 9000000000000000, 'planned', 0, 1, :unit, :post, NULL, :title,
        :due_at, :deadline_rule, 0);
INSERT INTO deadline (id, matter, kind, due_at, rule, state)
VALUES (:sequence, :sequence, 'act', :due_at, :deadline_rule, 'running');
INSERT INTO matter_step (matter, sequence, time, type, what, post)
VALUES (:sequence, :sequence, :time, 'measure.added', :what, nullif(:actor_post, 0));

-- The keeper of the feed is asked about a doubt, with a deadline.
INSERT INTO matter (id, kind, field, division, origin, opened_at, about)
VALUES (:sequence, 'question', :field, :division, :origin, :time, :doubt);
INSERT INTO matter_version (matter, sequence, from_time, until_time, state, level, is_open, unit, post, role, title,
                            deadline_at, deadline_rule, is_overdue)
VALUES (:sequence, :sequence, :time, 9000000000000000, 'asked', 0, 1, :unit, :post, :role, :title,
        :deadline_at, :deadline_rule, 0);
UPDATE doubt SET question = :sequence WHERE id = :doubt;
INSERT INTO deadline (id, matter, kind, due_at, rule, state)
VALUES (:sequence, :sequence, 'act', :deadline_at, :deadline_rule, 'running');
INSERT INTO matter_step (matter, sequence, time, type, what, post)
VALUES (:sequence, :sequence, :time, 'question.asked', :what, NULL);

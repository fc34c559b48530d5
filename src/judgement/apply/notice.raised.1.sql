-- A notice is raised: matter, words, deadline, first step. Open notices below it become its children.
INSERT INTO matter (id, kind, field, division, origin, opened_at)
VALUES (:sequence, 'notice', :field, :division, :origin, :time);
INSERT INTO matter_version (matter, sequence, from_time, until_time, state, level, is_open, unit, post, role, title,
                            deadline_at, deadline_rule, is_overdue)
VALUES (:sequence, :sequence, :time, 9000000000000000, 'raised', :level, 1, :unit, :post, :role, :title,
        :deadline_at, :deadline_rule, 0);
INSERT INTO notice (id, field, indicator, division, division_parent, series, origin, pack, rule, event, period, parent, is_open)
VALUES (:sequence, :field, :indicator, :division, :division_parent, :series, :origin, :pack, :rule, :event, :period, :parent, 1);
INSERT INTO notice_version (notice, sequence, from_time, until_time, period, explanation, record, plan, quiet,
                            quiet_needed, level_period)
VALUES (:sequence, :sequence, :time, 9000000000000000, :period, :explanation, :record, :plan, 0, :quiet_needed, :period);
UPDATE notice SET parent = :sequence WHERE id IN (SELECT value FROM json_each(:children));
INSERT INTO deadline (id, matter, kind, due_at, rule, state)
SELECT :sequence, :sequence, 'act', :deadline_at, :deadline_rule, 'running' WHERE :deadline_at IS NOT NULL;
INSERT INTO matter_step (matter, sequence, time, type, what, post)
VALUES (:sequence, :sequence, :time, 'notice.raised', :what, NULL);

-- path: /today
-- what: The reader's list by clock: matters of the reader's post, rings that wait for it, and lowering that it is asked to decide.
-- who: viewer
-- column: id id
-- column: kind text
-- column: title json
-- column: why json
-- column: state text
-- column: level integer
-- column: origin text
-- column: deadline_at time
-- column: bucket text
-- column: action text
-- column: action_target id
-- column: division id
-- column: division_zh text
-- column: division_en text
-- column: situation id
-- column: notice id
-- column: seen_above_at time
-- column: clock time
-- order: clock, id
SELECT t.id, t.kind, t.title, t.why, t.state, t.level, t.origin, t.deadline_at,
       CASE WHEN t.clock <= as_of() THEN 'overdue'
            WHEN (t.clock + 28800000000) / 86400000000 = (as_of() + 28800000000) / 86400000000 THEN 'today'
            WHEN t.clock < as_of() + 604800000000 THEN 'week'
            ELSE 'later' END AS bucket,
       t.action, t.action_target, t.division, d.name_zh AS division_zh, d.name_en AS division_en, t.situation, t.notice,
       t.seen_above_at, t.clock
FROM (
    SELECT m.id, m.kind, m.title, m.state, m.level, m.origin, m.division, m.deadline_at,
           coalesce(m.deadline_at, 9000000000000000) AS clock,
           CASE WHEN m.post = reader_post() THEN json_object('key', 'today.why_owner', 'arguments', json_object())
                WHEN r.why IS NOT NULL THEN json_object('key', 'today.why_' || r.why, 'arguments', json_object())
                ELSE json_object('key', 'today.why_asked', 'arguments', json_object()) END AS why,
           CASE WHEN n.asked ->> 'division' = reader_division() AND m.post IS NOT reader_post() THEN 'notice.lower'
                WHEN m.kind = 'notice' AND m.state = 'raised' THEN 'notice.take_over'
                WHEN m.kind = 'notice' AND m.state = 'taken_over' THEN 'notice.judge'
                WHEN m.kind = 'notice' THEN 'notice.close'
                WHEN m.kind = 'question' THEN 'reading.answer'
                ELSE 'measure.finish' END AS action,
           m.id AS action_target,
           CASE m.kind WHEN 'notice' THEN n.situation WHEN 'measure' THEN m.about END AS situation,
           CASE m.kind WHEN 'notice' THEN m.id
                       WHEN 'question' THEN (SELECT q.id FROM visible_doubt b JOIN visible_notice q ON q.series = b.series
                                             WHERE b.id = m.about ORDER BY q.is_open DESC, q.id DESC LIMIT 1) END AS notice,
           CASE m.kind WHEN 'notice' THEN m.opened_at END AS seen_above_at
    FROM visible_matter m
    LEFT JOIN visible_notice n ON n.id = m.id
    LEFT JOIN visible_ring r ON r.matter = m.id AND r.is_waiting AND r.post = reader_post()
    WHERE m.is_open AND (m.post = reader_post() OR r.id IS NOT NULL
                         OR (n.asked IS NOT NULL AND n.asked ->> 'division' = reader_division() AND reader_role() >= 1))
    GROUP BY m.id
) t JOIN visible_division_name d ON d.id = t.division

-- path: /situations/{id}
-- what: One situation: its notices, clocks, measures, and the official acts beside it.
-- who: viewer
-- param: id id required
-- column: id id
-- column: title json
-- column: worst json
-- column: level integer
-- column: incident_grade text
-- column: response_level text
-- column: official json
-- column: field text
-- column: event text
-- column: division id
-- column: division_code text
-- column: division_zh text
-- column: division_en text
-- column: origin text
-- column: unit_zh text
-- column: unit_en text
-- column: post_zh text
-- column: post_en text
-- column: opened_at time
-- column: is_open boolean
-- column: clocks json
-- column: notices json
-- column: measures json
-- column: known_earlier json
-- then: situation_title_finish
SELECT s.id, s.title, n.title AS worst, s.level,
       (SELECT o.incident_grade FROM visible_official_act o JOIN visible_division_name x ON x.id = o.division
        WHERE s.origin = 'real' AND o.incident_grade IS NOT NULL AND d.low <= x.low AND x.high <= d.high
          AND o.act_at >= s.opened_at - 1209600000000 ORDER BY o.act_at DESC LIMIT 1) AS incident_grade,
       (SELECT o.response_level FROM visible_official_act o JOIN visible_division_name x ON x.id = o.division
        WHERE s.origin = 'real' AND o.response_level IS NOT NULL AND d.low <= x.low AND x.high <= d.high
          AND o.act_at >= s.opened_at - 1209600000000 ORDER BY o.act_at DESC LIMIT 1) AS response_level,
       (SELECT json_group_array(json_object('id', o.id, 'kind', o.kind, 'day_zh', o.day_text_zh, 'day_en', o.day_text_en,
                   'act_zh', o.act_zh, 'act_en', o.act_en, 'authority_zh', o.authority_zh, 'authority_en', o.authority_en,
                   'source_zh', o.source_zh, 'source_en', o.source_en))
        FROM (SELECT o.id, o.kind, o.day_text_zh, o.day_text_en, o.act_zh, o.act_en, o.authority_zh, o.authority_en,
                     o.source_zh, o.source_en
              FROM visible_official_act o JOIN visible_division_name x ON x.id = o.division
              WHERE s.origin = 'real' AND d.low <= x.low AND x.high <= d.high AND o.act_at >= s.opened_at - 1209600000000
              ORDER BY o.act_at DESC, o.id DESC) o) AS official,
       s.field, s.event, s.division, d.code AS division_code, d.name_zh AS division_zh, d.name_en AS division_en, s.origin,
       u.name_zh AS unit_zh, u.name_en AS unit_en, p.name_zh AS post_zh, p.name_en AS post_en, s.opened_at, s.is_open,
       (SELECT json_group_array(json_object('matter', c.id, 'kind', c.kind, 'state', c.state, 'is_overdue',
                   json(iif(c.is_overdue, 'true', 'false')), 'title', json(c.title), 'deadline_at',
                   strftime('%Y-%m-%dT%H:%M:%S+08:00', c.deadline_at / 1000000, 'unixepoch', '+8 hours')))
        FROM (SELECT m.id, m.kind, m.state, m.is_overdue, m.title, m.deadline_at FROM visible_matter m
              WHERE m.is_open AND m.deadline_at IS NOT NULL AND m.id IN (
                  SELECT notice FROM visible_situation_notice WHERE situation = s.id
                  UNION SELECT id FROM visible_matter WHERE kind = 'measure' AND about = s.id
                  UNION SELECT b.question FROM visible_situation_notice j JOIN visible_notice q ON q.id = j.notice
                        JOIN visible_doubt b ON b.series = q.series AND b.from_time >= q.raised_at WHERE j.situation = s.id)
              ORDER BY m.deadline_at, m.id) c) AS clocks,
       (SELECT json_group_array(json_object('id', c.id, 'title', json(c.title), 'level', c.level, 'state', c.state, 'field', c.field,
                   'series', c.series, 'division', c.division, 'division_zh', c.name_zh, 'division_en', c.name_en,
                   'is_open', json(iif(c.is_open, 'true', 'false')), 'record', json(c.record), 'held', json(c.held)))
        FROM (SELECT q.id, q.title, q.level, q.state, q.field, q.series, q.division, e.name_zh, e.name_en, q.is_open, q.record, q.held
              FROM visible_situation_notice j JOIN visible_notice q ON q.id = j.notice
              JOIN visible_division_name e ON e.id = q.division
              WHERE j.situation = s.id ORDER BY q.is_open DESC, q.level DESC, q.id) c) AS notices,
       (SELECT json_group_array(json_object('id', c.id, 'title', json(c.title), 'state', c.state, 'unit_zh', f.name_zh,
                   'unit_en', f.name_en, 'is_overdue', json(iif(c.is_overdue, 'true', 'false')), 'due_at',
                   strftime('%Y-%m-%dT%H:%M:%S+08:00', c.deadline_at / 1000000, 'unixepoch', '+8 hours')))
        FROM visible_matter c LEFT JOIN visible_unit f ON f.id = c.unit
        WHERE c.kind = 'measure' AND c.about = s.id) AS measures,
       (SELECT json_object('onset', o.day, 'report', r.day, 'days', CAST(julianday(r.day) - julianday(o.day) AS INTEGER),
                   'onset_source_zh', o.source_zh, 'onset_source_en', o.source_en, 'report_source_zh', r.source_zh,
                   'report_source_en', r.source_en,
                   'gap', json((SELECT json_object('zh', g.text_zh, 'en', g.text_en, 'source_zh', g.source_zh, 'source_en', g.source_en) FROM visible_outcome_event g
                           WHERE g.kind = 'gap' AND g.division = s.division AND g.field = s.field
                             AND g.day >= o.day ORDER BY g.day LIMIT 1)))
        FROM visible_outcome_event o JOIN visible_outcome_event r ON r.division = o.division AND r.field = o.field
        WHERE s.origin = 'real' AND o.kind = 'onset' AND r.kind = 'report' AND o.division = s.division AND o.field = s.field
          AND r.day >= o.day AND julianday(date(s.opened_at / 1000000, 'unixepoch')) - julianday(o.day) BETWEEN 0 AND 60
        ORDER BY o.day, r.day LIMIT 1) AS known_earlier
FROM visible_situation s
JOIN visible_division_name d ON d.id = s.division
JOIN visible_notice n ON n.id = s.worst
LEFT JOIN visible_unit u ON u.id = n.unit
LEFT JOIN visible_post p ON p.id = n.post
WHERE s.id = :id

-- path: /notices/{id}
-- what: One notice: what was seen, what was expected, how often the rule was right here, who answers, what to do.
-- who: viewer
-- param: id id required
-- column: id id
-- column: title json
-- column: field text
-- column: level integer
-- column: state text
-- column: origin text
-- column: division id
-- column: division_code text
-- column: division_zh text
-- column: division_en text
-- column: indicator text
-- column: series id
-- column: raised_at time
-- column: deadline_at time
-- column: deadline_rule text
-- column: is_open boolean
-- column: is_overdue boolean
-- column: unit id
-- column: unit_zh text
-- column: unit_en text
-- column: post id
-- column: post_zh text
-- column: post_en text
-- column: situation id
-- column: explanation json
-- column: record json
-- column: lead_time json
-- column: plan json
-- column: judged json
-- column: asked json
-- column: outcome text
-- column: seen_above json
-- column: parent id
-- column: children json
-- column: held json
-- column: quiet integer
-- column: quiet_needed integer
-- column: questions json
-- column: rings json
SELECT n.id, n.title, n.field, n.level, n.state, n.origin, n.division, d.code AS division_code, d.name_zh AS division_zh,
       d.name_en AS division_en, n.indicator, n.series, n.raised_at, n.deadline_at, n.deadline_rule, n.is_open, n.is_overdue,
       n.unit, u.name_zh AS unit_zh, u.name_en AS unit_en, n.post, p.name_zh AS post_zh, p.name_en AS post_en, n.situation,
       n.explanation, n.record,
       coalesce((SELECT json_object('key', 'notice.lead_time', 'arguments', json_object(
                            'days', CAST(julianday(e.day) - julianday(date(n.raised_at / 1000000, 'unixepoch', '+8 hours')) AS INTEGER),
                            'event', json_object('zh', e.text_zh, 'en', e.text_en), 'day', e.day,
                            'source', json_object('zh', e.source_zh, 'en', e.source_en)))
                 FROM visible_outcome_event e
                 WHERE e.field = n.field AND e.division = n.division AND e.kind = 'outcome'
                   AND e.day > date(n.raised_at / 1000000, 'unixepoch', '+8 hours')
                 ORDER BY e.day LIMIT 1),
                json_object('key', 'notice.lead_time_none', 'arguments', json_object())) AS lead_time,
       n.plan, n.judged, n.asked, n.outcome,
       (SELECT json_group_array(json_object('level', a.level, 'zh', a.name_zh, 'en', a.name_en, 'time',
                   strftime('%Y-%m-%dT%H:%M:%S+08:00', n.raised_at / 1000000, 'unixepoch', '+8 hours')))
        FROM (SELECT level, name_zh, name_en FROM visible_division_name
              WHERE low <= d.low AND d.high <= high ORDER BY level DESC) a) AS seen_above,
       n.parent,
       (SELECT json_group_array(json_object('id', c.id, 'title', json(c.title), 'level', c.level))
        FROM visible_notice c WHERE c.parent = n.id) AS children,
       n.held, n.quiet, n.quiet_needed,
       (SELECT json_group_array(json_object('id', q.id, 'title', json(q.title), 'state', q.state, 'deadline_at',
                   strftime('%Y-%m-%dT%H:%M:%S+08:00', q.deadline_at / 1000000, 'unixepoch', '+8 hours'),
                   'reason', json(b.reason), 'answered', json(b.answered)))
        FROM visible_doubt b JOIN visible_matter q ON q.id = b.question
        WHERE b.series = n.series AND b.from_time >= n.raised_at) AS questions,
       (SELECT json_group_array(json_object('id', r.id, 'step', r.step, 'why', r.why, 'post_zh', o.name_zh, 'post_en', o.name_en,
                   'unit_zh', f.name_zh, 'unit_en', f.name_en, 'is_waiting', json(iif(r.is_waiting, 'true', 'false')),
                   'started_at', strftime('%Y-%m-%dT%H:%M:%S+08:00', r.started_at / 1000000, 'unixepoch', '+8 hours'),
                   'acknowledged_at', strftime('%Y-%m-%dT%H:%M:%S+08:00', r.acknowledged_at / 1000000, 'unixepoch', '+8 hours')))
        FROM visible_ring r LEFT JOIN visible_post o ON o.id = r.post LEFT JOIN visible_unit f ON f.id = r.unit
        WHERE r.matter = n.id) AS rings
FROM visible_notice n
JOIN visible_division_name d ON d.id = n.division
LEFT JOIN visible_unit u ON u.id = n.unit
LEFT JOIN visible_post p ON p.id = n.post
WHERE n.id = :id

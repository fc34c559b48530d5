-- path: /overview/situations
-- what: At most three open situations, the worst first.
-- who: viewer
-- column: id id
-- column: title json
-- column: worst json
-- column: level integer
-- column: division id
-- column: division_code text
-- column: division_zh text
-- column: division_en text
-- column: origin text
-- column: change json
-- column: unit_zh text
-- column: unit_en text
-- column: post_zh text
-- column: post_en text
-- column: next_clock_at time
-- column: next_clock json
-- column: field text
-- column: official json
-- column: event text
-- column: units json
-- then: situation_title_finish
SELECT t.id, t.title, t.worst, t.level, t.division, t.division_code, t.division_zh, t.division_en, t.origin, t.change, t.unit_zh, t.unit_en,
       t.post_zh, t.post_en, c.deadline_at AS next_clock_at, c.title AS next_clock, t.field, t.official, t.event, t.units
FROM (
    SELECT s.id, s.title, n.title AS worst, s.level, s.division, d.code AS division_code, d.name_zh AS division_zh, d.name_en AS division_en, s.origin,
           CASE WHEN n.held IS NULL THEN json_extract(n.explanation, '$[0]')
                ELSE coalesce((SELECT json(b.reason) FROM visible_doubt b WHERE b.series = n.series AND b.is_open
                               ORDER BY b.id DESC LIMIT 1), json_array(json(n.held))) END AS change,
           u.name_zh AS unit_zh, u.name_en AS unit_en, p.name_zh AS post_zh, p.name_en AS post_en,
           (SELECT m.id FROM visible_matter m
            WHERE m.is_open AND m.deadline_at IS NOT NULL AND m.id IN (
                SELECT notice FROM visible_situation_notice WHERE situation = s.id
                UNION SELECT id FROM visible_matter WHERE kind = 'measure' AND about = s.id
                UNION SELECT b.question FROM visible_situation_notice j JOIN visible_notice q ON q.id = j.notice
                      JOIN visible_doubt b ON b.series = q.series AND b.from_time >= q.raised_at WHERE j.situation = s.id)
            ORDER BY m.deadline_at, m.id LIMIT 1) AS clock,
           s.field, s.event,
           (SELECT json_group_array(json_object('zh', w.name_zh, 'en', w.name_en))
            FROM (SELECT y.name_zh, y.name_en FROM visible_situation_notice j JOIN visible_notice q ON q.id = j.notice AND q.is_open
                  JOIN visible_unit y ON y.id = q.unit WHERE j.situation = s.id
                  GROUP BY y.id ORDER BY max(q.level) DESC, min(q.id)) w) AS units,
           (SELECT json_group_array(json_object('day_zh', o.day_text_zh, 'day_en', o.day_text_en, 'act_zh', o.act_zh,
                       'act_en', o.act_en, 'source_zh', o.source_zh, 'source_en', o.source_en, 'authority_zh', o.authority_zh, 'authority_en', o.authority_en))
            FROM (SELECT o.day_text_zh, o.day_text_en, o.act_zh, o.act_en, o.source_zh, o.source_en, o.authority_zh, o.authority_en
                  FROM visible_official_act o JOIN visible_division_name x ON x.id = o.division
                  WHERE s.origin = 'real' AND o.kind = 'official' AND d.low <= x.low AND x.high <= d.high
                    AND o.act_at >= s.opened_at - 1209600000000
                  ORDER BY o.act_at DESC, o.id DESC) o) AS official
    FROM visible_situation s
    JOIN visible_division_name d ON d.id = s.division
    JOIN visible_notice n ON n.id = s.worst
    LEFT JOIN visible_unit u ON u.id = n.unit
    LEFT JOIN visible_post p ON p.id = n.post
    WHERE s.is_open
    ORDER BY s.level DESC, s.opened_at, s.id
    LIMIT 3
) t LEFT JOIN visible_matter c ON c.id = t.clock
ORDER BY t.level DESC, t.id

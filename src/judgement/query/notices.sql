-- path: /notices
-- what: Notices, the worst first.
-- who: viewer
-- param: field text optional
-- param: level integer optional
-- param: state text optional
-- param: division id optional
-- param: origin text optional
-- param: is_open boolean optional
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
-- column: is_open boolean
-- column: is_overdue boolean
-- column: unit_zh text
-- column: unit_en text
-- column: post_zh text
-- column: post_en text
-- column: situation id
-- order: is_open desc, level desc, id desc
-- sort: level: level, id
-- sort: state: state, id
-- sort: division: division_code, id
-- sort: field: field, id
-- sort: raised: raised_at, id
-- sort: deadline: deadline_at, id
SELECT n.id, n.title, n.field, n.level, n.state, n.origin, n.division, d.code AS division_code, d.name_zh AS division_zh,
       d.name_en AS division_en, n.indicator, n.series, n.raised_at, n.deadline_at, n.is_open, n.is_overdue,
       u.name_zh AS unit_zh, u.name_en AS unit_en, p.name_zh AS post_zh, p.name_en AS post_en, n.situation
FROM visible_notice n
JOIN visible_division_name d ON d.id = n.division
LEFT JOIN visible_unit u ON u.id = n.unit
LEFT JOIN visible_post p ON p.id = n.post
WHERE (:field IS NULL OR n.field = :field) AND (:level IS NULL OR n.level = :level) AND (:state IS NULL OR n.state = :state)
  AND (:origin IS NULL OR n.origin = :origin) AND (:is_open IS NULL OR n.is_open = :is_open)
  AND (:division IS NULL OR EXISTS (SELECT 1 FROM visible_division_name a WHERE a.id = :division
                                    AND a.low <= d.low AND d.high <= a.high))

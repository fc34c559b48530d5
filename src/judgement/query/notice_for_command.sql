-- path: none
-- what: A notice as its commands need it.
-- who: officer
-- param: notice id required
-- column: id id
-- column: field text
-- column: indicator text
-- column: division id
-- column: series id
-- column: origin text
-- column: pack text
-- column: state text
-- column: level integer
-- column: is_open boolean
-- column: unit id
-- column: post id
-- column: role text
-- column: title json
-- column: deadline_at time
-- column: period integer
-- column: explanation json
-- column: record json
-- column: plan json
-- column: held json
-- column: quiet integer
-- column: quiet_needed integer
-- column: asked json
-- column: situation id
-- column: low integer
-- column: high integer
-- column: division_parent id
-- column: division_zh text
-- column: division_en text
-- column: above_zh text
-- column: above_en text
-- column: doubt_count integer
SELECT n.id, n.field, n.indicator, n.division, n.series, n.origin, n.pack, n.state, n.level, n.is_open, n.unit, n.post, n.role,
       n.title, n.deadline_at, n.period, n.explanation, n.record, n.plan, n.held, n.quiet, n.quiet_needed, n.asked, n.situation,
       d.low, d.high, d.parent AS division_parent, d.name_zh AS division_zh, d.name_en AS division_en,
       (SELECT a.name_zh FROM visible_division_name a WHERE a.id = d.parent) AS above_zh,
       (SELECT a.name_en FROM visible_division_name a WHERE a.id = d.parent) AS above_en,
       (SELECT count(*) FROM visible_doubt b
        WHERE b.series = n.series AND b.is_open AND b.period > n.period - n.quiet_needed) AS doubt_count
FROM visible_notice n
JOIN visible_division_name d ON d.id = n.division
WHERE n.id = :notice

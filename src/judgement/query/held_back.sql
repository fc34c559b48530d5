-- path: /held-back
-- what: What the alarm budget kept from ringing, newest first.
-- who: viewer
-- column: sequence id
-- column: number integer
-- column: time time
-- column: field text
-- column: indicator text
-- column: series id
-- column: origin text
-- column: level integer
-- column: rule text
-- column: division id
-- column: division_zh text
-- column: division_en text
-- order: sequence desc, number
SELECT h.sequence, h.number, h.time, h.field, h.indicator, h.series, h.origin, h.level, h.rule, h.division, d.name_zh AS division_zh,
       d.name_en AS division_en
FROM visible_held_back h JOIN visible_division_name d ON d.id = h.division

-- path: /instructions
-- what: Instructions to offices, when each was due and when it was carried out.
-- who: viewer
-- column: id id
-- column: text_zh text
-- column: text_en text
-- column: unit_zh text
-- column: unit_en text
-- column: division_code text
-- column: division_zh text
-- column: division_en text
-- column: given_at time
-- column: due_at time
-- column: done_at time
-- column: state text
-- order: due_at, id
SELECT n.id, n.text_zh, n.text_en, u.name_zh AS unit_zh, u.name_en AS unit_en, d.code AS division_code, d.name_zh AS division_zh,
       d.name_en AS division_en, n.time AS given_at, n.due_at, n.done_at,
       CASE WHEN n.done_at <= n.due_at THEN 'on_time' WHEN n.done_at IS NOT NULL THEN 'late'
            WHEN n.due_at < as_of() THEN 'slipped' ELSE 'running' END AS state
FROM visible_instruction n
JOIN visible_division_name d ON d.id = n.division
LEFT JOIN visible_unit u ON u.id = n.unit

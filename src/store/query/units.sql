-- path: /units
-- what: The units, that is offices and organisations.
-- who: viewer
-- param: division integer optional
-- column: id id
-- column: code text
-- column: division integer
-- column: division_code text
-- column: name_zh text
-- column: name_en text
-- order: id
SELECT u.id, u.code, u.division, d.code AS division_code, u.name_zh, u.name_en
FROM visible_unit u JOIN visible_division_name d ON d.id = u.division
WHERE :division IS NULL OR u.division = :division

-- path: none
-- what: The invented notices that have not been judged since the morning before, and whom they ring.
-- who: system
-- column: id id
-- column: unit id
-- column: post id
-- column: state text
-- column: sequence integer
SELECT n.id, n.unit, n.post, n.state, m.sequence FROM visible_notice n JOIN visible_matter m ON m.id = n.id
WHERE n.origin = 'simulated' AND n.state IN ('raised', 'taken_over') AND n.raised_at < as_of() - 43200000000

-- path: none
-- what: The token that the message of a ring carries.
-- who: system
-- param: ring id required
-- column: token text
SELECT token FROM visible_ring_token WHERE id = :ring

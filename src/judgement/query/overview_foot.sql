-- path: /overview/foot
-- what: Instructions done, on time and slipped; figures not believed; minutes asked of counties in the last seven days; what the alarm budget held back.
-- who: viewer
-- column: instructions_done integer
-- column: instructions_on_time integer
-- column: instructions_slipped integer
-- column: not_believed integer
-- column: minutes_asked integer
-- column: held_back integer
SELECT (SELECT count(*) FROM visible_instruction WHERE done_at IS NOT NULL) AS instructions_done,
       (SELECT count(*) FROM visible_instruction WHERE done_at IS NOT NULL AND done_at <= due_at) AS instructions_on_time,
       (SELECT count(*) FROM visible_instruction WHERE coalesce(done_at, as_of()) > due_at) AS instructions_slipped,
       (SELECT count(*) FROM visible_doubt WHERE is_open) AS not_believed,
       (SELECT coalesce(sum(t.minutes), 0) FROM visible_typed_figure t JOIN visible_division_name d ON d.id = t.division
        WHERE d.level >= 3 AND t.time > as_of() - 604800000000) AS minutes_asked,
       (SELECT count(*) FROM visible_held_back WHERE time > as_of() - 604800000000) AS held_back

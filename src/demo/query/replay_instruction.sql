-- path: none
-- what: The instructions of the replay, by their words.
-- who: system
-- column: id id
-- column: text_zh text
SELECT id, text_zh FROM visible_instruction

-- A dated and sourced event, against which a lead time may be claimed.
INSERT INTO outcome_event (id, division, field, kind, day, text_zh, text_en, source_zh, source_en, time)
VALUES (:sequence, :division, :field, :kind, :day, :text_zh, :text_en, :source_zh, :source_en, :time);

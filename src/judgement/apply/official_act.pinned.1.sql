-- An act of the authority entitled to it is pinned beside ours, with its source.
INSERT INTO official_act (id, division, kind, act_at, day_text_zh, day_text_en, act_zh, act_en, authority_zh, authority_en,
                          source_zh, source_en, incident_grade, response_level, time)
VALUES (:sequence, :division, :kind, :act_at, :day_text_zh, :day_text_en, :act_zh, :act_en, :authority_zh, :authority_en,
        :source_zh, :source_en, :incident_grade, :response_level, :time);

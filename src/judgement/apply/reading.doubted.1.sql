-- A reading is kept and not believed.
INSERT INTO doubt (id, series, indicator, field, division, origin, period, period_text, value, reason, other_value, from_time,
                   until_time)
VALUES (:sequence, :series, :indicator, :field, :division, :origin, :period, :period_text, :value, :reason, :other_value, :time,
        9000000000000000);

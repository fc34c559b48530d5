-- What the alarm budget kept from ringing: counted, and to be seen.
INSERT INTO held_back (sequence, number, field, indicator, division, series, origin, period, level, rule, time)
SELECT :sequence, key, :field, value ->> 'indicator', value ->> 'division', value ->> 'series', value ->> 'origin',
       value ->> 'period', value ->> 'level', value ->> 'rule', :time
FROM json_each(:rows);

-- What detectors said, many in one entry.
INSERT INTO signal (sequence, number, series, period, method, value, expected, upper, time)
SELECT :sequence, key, value ->> 'series', value ->> 'period', value ->> 'method', value ->> 'value', value ->> 'expected',
       value ->> 'upper', :time
FROM json_each(:rows);

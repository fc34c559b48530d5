-- {indicator, stratum, is_simulated}; the division is the entry's.
INSERT INTO series (id, indicator, division, stratum, is_simulated)
VALUES (:sequence, :indicator, :division, :stratum, :is_simulated);

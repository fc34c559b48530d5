-- What became of a ring at one port.
INSERT INTO ring_sending (ring, sequence, port, outcome, time) VALUES (:ring, :sequence, :port, :outcome, :time);

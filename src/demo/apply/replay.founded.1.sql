-- A replay is founded: {seed}.
INSERT INTO replay (id, seed) VALUES (1, :seed);

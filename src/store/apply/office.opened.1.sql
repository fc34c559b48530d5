-- The office opens its ledger: {kind, division_code, name}.
INSERT INTO office (id, kind, division_code, name, business_time)
VALUES (1, :kind, :division_code, :name, :time);

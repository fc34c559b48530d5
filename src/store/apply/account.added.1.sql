-- {name, role, post}; the division is the entry's. Secrets are in the vault.
INSERT INTO account (id, name, division, role, post)
VALUES (:sequence, :name, :division, :role, :post);

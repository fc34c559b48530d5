-- Who answers for a role in a division, from now on.
UPDATE duty SET until_time = :time
WHERE division = :division AND role = :role AND field = :field AND until_time = 9000000000000000;
INSERT INTO duty (field, role, division, from_time, until_time, sequence, unit, post, deputy_unit, deputy_post)
VALUES (:field, :role, :division, :time, 9000000000000000, :sequence, :unit, :post, :deputy_unit, :deputy_post);

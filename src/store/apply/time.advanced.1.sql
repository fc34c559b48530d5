-- Business time of a replay or drill moves to the time of this entry.
UPDATE office SET business_time = :time WHERE id = 1;

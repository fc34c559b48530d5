-- A batch that never ended is cleared away: {batch}.
DELETE FROM landing WHERE batch = :batch;
DELETE FROM batch WHERE id = :batch AND completed IS NULL;

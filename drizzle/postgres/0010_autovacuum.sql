-- A vacuum and an analyze come after a fixed part of the rows that change, not after a fifth of a table: of a large table that
-- would be months. Retention deletes a few rows of a hundred at a time, traces are updated while they grow, and rows that are
-- only added are vacuumed too, so that lists need not look at each row whether it is to be seen. Settings that somebody made
-- for a table by hand are kept: see docs/operations.md.
DO $$
DECLARE
  one record;
BEGIN
  FOR one IN
    SELECT c.oid::regclass AS name FROM pg_class c
    WHERE c.relnamespace = 'tracehold'::regnamespace AND c.relkind = 'r'
      AND c.relname IN ('traces', 'spans', 'events', 'results', 'metric_points', 'logs', 'pending_usage')
      AND NOT EXISTS (SELECT FROM unnest(c.reloptions) AS option WHERE option LIKE 'autovacuum%')
  LOOP
    EXECUTE format('ALTER TABLE %s SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 5000,
      autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_vacuum_insert_threshold = 50000,
      autovacuum_analyze_scale_factor = 0.02, autovacuum_analyze_threshold = 5000)', one.name);
  END LOOP;
END
$$;

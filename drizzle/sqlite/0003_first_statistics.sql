-- To a planner without statistics every index looks alike: to save a sort it reads a whole project by time, where a key
-- would find the twenty rows of a trace. SQLite never analyzes by itself, so these rows say how selective the indexes of
-- a large database are: rows of the table, then rows for each value of the index's first column, its first two, and so
-- on. An ANALYZE of the app's own takes their place.
ANALYZE `tracehold_commits`;
--> statement-breakpoint
DELETE FROM sqlite_stat1 WHERE tbl LIKE 'tracehold_%';
--> statement-breakpoint
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('tracehold_traces', 'sqlite_autoindex_tracehold_traces_1', '50000 50000 1'),
  ('tracehold_traces', 'traces_start_time', '50000 50000 1'),
  ('tracehold_traces', 'traces_session', '50000 50000 10 1'),
  ('tracehold_traces', 'traces_user', '50000 50000 100 1'),
  ('tracehold_traces', 'traces_created_at', '50000 50000 1'),
  ('tracehold_traces', 'traces_commit_seq', '50000 50000 25'),
  ('tracehold_traces', 'traces_run', '10000 10000 1'),
  ('tracehold_traces', 'traces_parent_run', '1000 1000 5 1'),
  ('tracehold_spans', 'sqlite_autoindex_tracehold_spans_1', '1000000 1000000 20 1'),
  ('tracehold_spans', 'spans_start_time', '1000000 1000000 1'),
  ('tracehold_spans', 'spans_commit_seq', '1000000 1000000 500'),
  ('tracehold_spans', 'spans_errors', '10000 10000 1'),
  ('tracehold_events', 'sqlite_autoindex_tracehold_events_1', '1000000 1000000 20 2 1'),
  ('tracehold_events', 'events_commit_seq', '1000000 1000000 500'),
  ('tracehold_results', 'sqlite_autoindex_tracehold_results_1', '50000 50000 1'),
  ('tracehold_results', 'results_time', '50000 50000 1'),
  ('tracehold_results', 'results_name', '50000 50000 500 1'),
  ('tracehold_results', 'results_run', '50000 50000 100 2'),
  ('tracehold_results', 'results_trace', '50000 50000 2 1'),
  ('tracehold_results', 'results_commit_seq', '50000 50000 25'),
  ('tracehold_metrics', 'sqlite_autoindex_tracehold_metrics_1', '100 100 1'),
  ('tracehold_metric_points', 'sqlite_autoindex_tracehold_metric_points_1', '1000000 1000000 1'),
  ('tracehold_metric_points', 'metric_points_name', '1000000 1000000 10000 1'),
  ('tracehold_metric_points', 'metric_points_commit_seq', '1000000 1000000 500'),
  ('tracehold_logs', 'logs_key', '1000000 1000000 1'),
  ('tracehold_logs', 'logs_time', '1000000 1000000 1'),
  ('tracehold_logs', 'logs_commit_seq', '1000000 1000000 500'),
  ('tracehold_logs', 'logs_trace', '500000 500000 20 1'),
  ('tracehold_logs', 'logs_errors', '10000 10000 1');
--> statement-breakpoint
-- Reads them again.
ANALYZE sqlite_schema;

-- To a planner without statistics every index of a new table looks alike. The sinks' plans would read the whole project
-- for each row until the first autovacuum; with these they use the keys from the first row on. Rows like those that will
-- come are analyzed and removed again; what was learned of them stays until there is something better.
INSERT INTO "tracehold"."traces" (project_id, trace_id, status, start_time, span_count, error_count, llm_call_count, tool_call_count, step_count, steps_duration_ms, created_at, updated_at, written_at)
SELECT 'default', 'tracehold-sample-' || n, 'ok', now() + n * interval '1 second', 0, 0, 0, 0, 0, 0, now(), now(), now() FROM generate_series(1, 1000) AS n;
--> statement-breakpoint
INSERT INTO "tracehold"."spans" (project_id, trace_id, span_id, name, kind, status, start_time, attributes, written_at)
SELECT 'default', 'tracehold-sample-' || n / 10, 'span-' || n, 'sample', 'llm', 'ok', now() + n * interval '1 second', '{}', now() FROM generate_series(1, 1000) AS n;
--> statement-breakpoint
INSERT INTO "tracehold"."events" (project_id, trace_id, span_id, ordinal, name, time, attributes, written_at)
SELECT 'default', 'tracehold-sample-' || n / 10, 'span-' || n, 0, 'sample', now() + n * interval '1 second', '{}', now() FROM generate_series(1, 1000) AS n;
--> statement-breakpoint
INSERT INTO "tracehold"."results" (project_id, result_id, kind, name, time, written_at)
SELECT 'default', 'tracehold-sample-' || n, 'test', 'sample', now() + n * interval '1 second', now() FROM generate_series(1, 1000) AS n;
--> statement-breakpoint
INSERT INTO "tracehold"."metric_points" (project_id, point_id, metric_name, type, time, attributes, written_at)
SELECT 'default', 'tracehold-sample-' || n, 'sample', 'gauge', now() + n * interval '1 second', '{}', now() FROM generate_series(1, 1000) AS n;
--> statement-breakpoint
INSERT INTO "tracehold"."logs" (project_id, log_id, time, attributes, written_at)
SELECT 'default', 'tracehold-sample-' || n, now() + n * interval '1 second', '{}', now() FROM generate_series(1, 1000) AS n;
--> statement-breakpoint
ANALYZE "tracehold"."traces", "tracehold"."spans", "tracehold"."events", "tracehold"."results", "tracehold"."metric_points", "tracehold"."logs";
--> statement-breakpoint
DELETE FROM "tracehold"."traces" WHERE project_id = 'default' AND trace_id LIKE 'tracehold-sample-%';
--> statement-breakpoint
DELETE FROM "tracehold"."spans" WHERE project_id = 'default' AND trace_id LIKE 'tracehold-sample-%';
--> statement-breakpoint
DELETE FROM "tracehold"."events" WHERE project_id = 'default' AND trace_id LIKE 'tracehold-sample-%';
--> statement-breakpoint
DELETE FROM "tracehold"."results" WHERE project_id = 'default' AND result_id LIKE 'tracehold-sample-%';
--> statement-breakpoint
DELETE FROM "tracehold"."metric_points" WHERE project_id = 'default' AND point_id LIKE 'tracehold-sample-%';
--> statement-breakpoint
DELETE FROM "tracehold"."logs" WHERE project_id = 'default' AND log_id LIKE 'tracehold-sample-%';

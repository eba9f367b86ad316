CREATE TABLE `tracehold_commits` (
	`id` integer PRIMARY KEY NOT NULL,
	`last` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `tracehold_events` (
	`project_id` text NOT NULL,
	`trace_id` text NOT NULL,
	`span_id` text NOT NULL,
	`ordinal` integer NOT NULL,
	`name` text NOT NULL,
	`time` integer NOT NULL,
	`attributes` text NOT NULL,
	`attribute_types` text,
	`dropped_attributes_count` integer,
	`written_at` integer NOT NULL,
	`commit_seq` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`project_id`, `trace_id`, `span_id`, `ordinal`)
);
--> statement-breakpoint
CREATE INDEX `events_commit_seq` ON `tracehold_events` (`project_id`,`commit_seq`);--> statement-breakpoint
CREATE TABLE `tracehold_logs` (
	`project_id` text NOT NULL,
	`log_id` text NOT NULL,
	`row_number` integer PRIMARY KEY NOT NULL,
	`time` integer NOT NULL,
	`observed_time` integer,
	`severity` integer,
	`severity_text` text,
	`body_text` text,
	`body` text,
	`event_name` text,
	`trace_id` text,
	`span_id` text,
	`flags` integer,
	`service_name` text,
	`environment` text,
	`attributes` text NOT NULL,
	`attribute_types` text,
	`dropped_attributes_count` integer,
	`resource` text,
	`scope` text,
	`written_at` integer NOT NULL,
	`commit_seq` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `logs_key` ON `tracehold_logs` (`project_id`,`log_id`);--> statement-breakpoint
CREATE INDEX `logs_time` ON `tracehold_logs` (`project_id`,`time`);--> statement-breakpoint
CREATE INDEX `logs_trace` ON `tracehold_logs` (`project_id`,`trace_id`,`time`) WHERE trace_id is not null;--> statement-breakpoint
CREATE INDEX `logs_errors` ON `tracehold_logs` (`project_id`,`time`) WHERE severity >= 17;--> statement-breakpoint
CREATE INDEX `logs_commit_seq` ON `tracehold_logs` (`project_id`,`commit_seq`);--> statement-breakpoint
CREATE TABLE `tracehold_metric_points` (
	`project_id` text NOT NULL,
	`point_id` text NOT NULL,
	`metric_name` text NOT NULL,
	`type` text NOT NULL,
	`time` integer NOT NULL,
	`start_time` integer,
	`temporality` text,
	`is_monotonic` integer,
	`value` real,
	`exact_value` text,
	`count` integer,
	`sum` real,
	`min` real,
	`max` real,
	`buckets` text,
	`quantiles` text,
	`exemplars` text,
	`flags` integer,
	`service_name` text,
	`environment` text,
	`tags` text,
	`metadata` text,
	`attributes` text NOT NULL,
	`attribute_types` text,
	`document` text,
	`resource` text,
	`scope` text,
	`written_at` integer NOT NULL,
	`commit_seq` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`project_id`, `point_id`)
);
--> statement-breakpoint
CREATE INDEX `metric_points_name` ON `tracehold_metric_points` (`project_id`,`metric_name`,`time`);--> statement-breakpoint
CREATE INDEX `metric_points_commit_seq` ON `tracehold_metric_points` (`project_id`,`commit_seq`);--> statement-breakpoint
CREATE TABLE `tracehold_metrics` (
	`project_id` text NOT NULL,
	`name` text NOT NULL,
	`type` text NOT NULL,
	`category` text,
	`unit` text,
	`description` text,
	`lower_is_better` integer,
	`is_monotonic` integer,
	`temporality` text,
	`service_name` text,
	`metadata` text,
	`attribute_types` text,
	`written_at` integer NOT NULL,
	`commit_seq` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`project_id`, `name`)
);
--> statement-breakpoint
CREATE TABLE `tracehold_results` (
	`project_id` text NOT NULL,
	`result_id` text NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`suite` text,
	`run_id` text,
	`status` text,
	`score` real,
	`label` text,
	`explanation` text,
	`evaluator` text,
	`error_type` text,
	`error_message` text,
	`time` integer NOT NULL,
	`duration_ms` real,
	`trace_id` text,
	`span_id` text,
	`response_id` text,
	`service_name` text,
	`agent_name` text,
	`environment` text,
	`evaluations` text,
	`assertions` text,
	`tags` text,
	`metadata` text,
	`document` text,
	`attributes` text,
	`attribute_types` text,
	`written_at` integer NOT NULL,
	`commit_seq` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`project_id`, `result_id`)
);
--> statement-breakpoint
CREATE INDEX `results_time` ON `tracehold_results` (`project_id`,`time`);--> statement-breakpoint
CREATE INDEX `results_name` ON `tracehold_results` (`project_id`,`name`,`time`);--> statement-breakpoint
CREATE INDEX `results_run` ON `tracehold_results` (`project_id`,`run_id`,`name`);--> statement-breakpoint
CREATE INDEX `results_trace` ON `tracehold_results` (`project_id`,`trace_id`,`time`);--> statement-breakpoint
CREATE INDEX `results_commit_seq` ON `tracehold_results` (`project_id`,`commit_seq`);--> statement-breakpoint
CREATE TABLE `tracehold_spans` (
	`project_id` text NOT NULL,
	`trace_id` text NOT NULL,
	`span_id` text NOT NULL,
	`parent_span_id` text,
	`name` text NOT NULL,
	`kind` text NOT NULL,
	`operation` text,
	`status` text NOT NULL,
	`status_message` text,
	`error_type` text,
	`start_time` integer NOT NULL,
	`end_time` integer,
	`duration_ms` real,
	`sequence` integer,
	`provider` text,
	`model` text,
	`request_model` text,
	`response_id` text,
	`finish_reasons` text,
	`input_tokens` integer,
	`output_tokens` integer,
	`total_tokens` integer,
	`cache_read_tokens` integer,
	`cache_creation_tokens` integer,
	`reasoning_tokens` integer,
	`cost_usd` real,
	`time_to_first_chunk_ms` real,
	`tool_name` text,
	`tool_type` text,
	`tool_call_id` text,
	`mcp_method` text,
	`mcp_server` text,
	`mcp_session_id` text,
	`session_id` text,
	`user_id` text,
	`service_name` text,
	`environment` text,
	`agent_id` text,
	`agent_name` text,
	`agent_version` text,
	`workflow_name` text,
	`otel_kind` text,
	`trace_state` text,
	`flags` integer,
	`tags` text,
	`input` text,
	`output` text,
	`content_keys` text,
	`attributes` text NOT NULL,
	`attribute_types` text,
	`resource` text,
	`scope` text,
	`links` text,
	`dropped` text,
	`written_at` integer NOT NULL,
	`commit_seq` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`project_id`, `trace_id`, `span_id`)
);
--> statement-breakpoint
CREATE INDEX `spans_start_time` ON `tracehold_spans` (`project_id`,`start_time`);--> statement-breakpoint
CREATE INDEX `spans_errors` ON `tracehold_spans` (`project_id`,`start_time`) WHERE status = 'error';--> statement-breakpoint
CREATE INDEX `spans_commit_seq` ON `tracehold_spans` (`project_id`,`commit_seq`);--> statement-breakpoint
CREATE TABLE `tracehold_traces` (
	`project_id` text NOT NULL,
	`trace_id` text NOT NULL,
	`name` text,
	`run_id` text,
	`parent_run_id` text,
	`session_id` text,
	`user_id` text,
	`service_name` text,
	`agent_name` text,
	`agent_version` text,
	`environment` text,
	`provider` text,
	`model` text,
	`status` text NOT NULL,
	`status_message` text,
	`start_time` integer NOT NULL,
	`end_time` integer,
	`duration_ms` real,
	`span_count` integer NOT NULL,
	`error_count` integer NOT NULL,
	`llm_call_count` integer NOT NULL,
	`tool_call_count` integer NOT NULL,
	`step_count` integer NOT NULL,
	`steps_duration_ms` real NOT NULL,
	`input_tokens` integer,
	`output_tokens` integer,
	`total_tokens` integer,
	`cache_read_tokens` integer,
	`cache_creation_tokens` integer,
	`reasoning_tokens` integer,
	`cost_usd` real,
	`tags` text,
	`metadata` text,
	`resource` text,
	`input` text,
	`output` text,
	`authored` text,
	`document` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`written_at` integer NOT NULL,
	`commit_seq` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`project_id`, `trace_id`)
);
--> statement-breakpoint
CREATE INDEX `traces_start_time` ON `tracehold_traces` (`project_id`,`start_time`);--> statement-breakpoint
CREATE INDEX `traces_session` ON `tracehold_traces` (`project_id`,`session_id`,`start_time`) WHERE session_id is not null;--> statement-breakpoint
CREATE INDEX `traces_user` ON `tracehold_traces` (`project_id`,`user_id`,`start_time`) WHERE user_id is not null;--> statement-breakpoint
CREATE INDEX `traces_parent_run` ON `tracehold_traces` (`project_id`,`parent_run_id`,`start_time`) WHERE parent_run_id is not null;--> statement-breakpoint
CREATE INDEX `traces_created_at` ON `tracehold_traces` (`project_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `traces_commit_seq` ON `tracehold_traces` (`project_id`,`commit_seq`);
CREATE TABLE `tracehold_kept_usage` (
	`project_id` text NOT NULL,
	`batch_id` text NOT NULL,
	`ordinal` integer NOT NULL,
	`hour` integer NOT NULL,
	`kind` text,
	`provider` text,
	`model` text,
	`agent_name` text,
	`service_name` text,
	`environment` text,
	`spans` integer NOT NULL,
	`errors` integer NOT NULL,
	`timed` integer NOT NULL,
	`duration_us` integer NOT NULL,
	`cost_nanos` integer NOT NULL,
	`input_tokens` integer NOT NULL,
	`output_tokens` integer NOT NULL,
	`total_tokens` integer NOT NULL,
	`cache_read_tokens` integer NOT NULL,
	`cache_creation_tokens` integer NOT NULL,
	`reasoning_tokens` integer NOT NULL,
	`trace_ids` text,
	`horizon` integer,
	PRIMARY KEY(`project_id`, `batch_id`, `ordinal`)
);
--> statement-breakpoint
CREATE INDEX `kept_usage_hour` ON `tracehold_kept_usage` (`project_id`,`hour`);
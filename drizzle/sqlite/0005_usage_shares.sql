CREATE TABLE `tracehold_pending_usage` (
	`project_id` text NOT NULL,
	`trace_id` text NOT NULL,
	`parent_span_id` text NOT NULL,
	`usage_below` text NOT NULL,
	PRIMARY KEY(`project_id`, `trace_id`, `parent_span_id`)
);
--> statement-breakpoint
ALTER TABLE `tracehold_spans` ADD `input_share` integer;--> statement-breakpoint
ALTER TABLE `tracehold_spans` ADD `output_share` integer;--> statement-breakpoint
ALTER TABLE `tracehold_spans` ADD `total_share` integer;--> statement-breakpoint
ALTER TABLE `tracehold_spans` ADD `cache_read_share` integer;--> statement-breakpoint
ALTER TABLE `tracehold_spans` ADD `cache_creation_share` integer;--> statement-breakpoint
ALTER TABLE `tracehold_spans` ADD `reasoning_share` integer;--> statement-breakpoint
ALTER TABLE `tracehold_spans` ADD `cost_share` real;--> statement-breakpoint
ALTER TABLE `tracehold_spans` ADD `call_share` integer;--> statement-breakpoint
ALTER TABLE `tracehold_spans` ADD `usage_below` text;--> statement-breakpoint
ALTER TABLE `tracehold_traces` ADD `authored_stamps` text;--> statement-breakpoint
ALTER TABLE `tracehold_traces` ADD `derived` text;
-- A name may have several descriptions: of services that give it another unit, say. Nothing refers to the table.
CREATE TABLE `__new_tracehold_metrics` (
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
	`description_id` text DEFAULT '' NOT NULL,
	PRIMARY KEY(`project_id`, `name`, `description_id`)
);
--> statement-breakpoint
INSERT INTO `__new_tracehold_metrics`("project_id", "name", "type", "category", "unit", "description", "lower_is_better", "is_monotonic", "temporality", "service_name", "metadata", "attribute_types", "written_at", "commit_seq", "description_id") SELECT "project_id", "name", "type", "category", "unit", "description", "lower_is_better", "is_monotonic", "temporality", "service_name", "metadata", "attribute_types", "written_at", "commit_seq", '' FROM `tracehold_metrics`;--> statement-breakpoint
DROP TABLE `tracehold_metrics`;--> statement-breakpoint
ALTER TABLE `__new_tracehold_metrics` RENAME TO `tracehold_metrics`;--> statement-breakpoint
ALTER TABLE `tracehold_metric_points` ADD `description_id` text;--> statement-breakpoint
-- What the planner knew of the table went with it.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('tracehold_metrics', 'sqlite_autoindex_tracehold_metrics_1', '100 100 1 1');

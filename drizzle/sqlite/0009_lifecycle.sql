CREATE TABLE `tracehold_leases` (
	`project_id` text NOT NULL,
	`name` text NOT NULL,
	`holder` text NOT NULL,
	`expires_at` integer NOT NULL,
	PRIMARY KEY(`project_id`, `name`)
);
--> statement-breakpoint
CREATE TABLE `tracehold_tombstones` (
	`project_id` text NOT NULL,
	`entity` text NOT NULL,
	`key` text NOT NULL,
	`erased_at` integer NOT NULL,
	PRIMARY KEY(`project_id`, `entity`, `key`)
);

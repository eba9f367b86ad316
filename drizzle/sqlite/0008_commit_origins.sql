CREATE TABLE `tracehold_commit_origins` (
	`first` integer PRIMARY KEY NOT NULL,
	`origin` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `commit_origins_origin` ON `tracehold_commit_origins` (`origin`);
-- A name may have several descriptions: of services that give it another unit, say.
ALTER TABLE "tracehold"."metrics" ADD COLUMN "description_id" text COLLATE "C" DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "tracehold"."metrics" DROP CONSTRAINT "metrics_project_id_name_pk";--> statement-breakpoint
ALTER TABLE "tracehold"."metrics" ADD CONSTRAINT "metrics_project_id_name_description_id_pk" PRIMARY KEY("project_id","name","description_id");--> statement-breakpoint
ALTER TABLE "tracehold"."metric_points" ADD COLUMN "description_id" text COLLATE "C";

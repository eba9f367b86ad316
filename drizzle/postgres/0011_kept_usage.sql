CREATE TABLE "tracehold"."kept_usage" (
	"project_id" text COLLATE "C" NOT NULL,
	"batch_id" text COLLATE "C" NOT NULL,
	"ordinal" integer NOT NULL,
	"hour" timestamp with time zone NOT NULL,
	"kind" text COLLATE "C",
	"provider" text COLLATE "C",
	"model" text COLLATE "C",
	"agent_name" text COLLATE "C",
	"service_name" text COLLATE "C",
	"environment" text COLLATE "C",
	"spans" bigint NOT NULL,
	"errors" bigint NOT NULL,
	"timed" bigint NOT NULL,
	"duration_us" bigint NOT NULL,
	"cost_nanos" bigint NOT NULL,
	"input_tokens" bigint NOT NULL,
	"output_tokens" bigint NOT NULL,
	"total_tokens" bigint NOT NULL,
	"cache_read_tokens" bigint NOT NULL,
	"cache_creation_tokens" bigint NOT NULL,
	"reasoning_tokens" bigint NOT NULL,
	"trace_ids" text COLLATE "C",
	"horizon" bigint,
	CONSTRAINT "kept_usage_project_id_batch_id_ordinal_pk" PRIMARY KEY("project_id","batch_id","ordinal")
);
--> statement-breakpoint
CREATE INDEX "kept_usage_hour" ON "tracehold"."kept_usage" USING btree ("project_id","hour");
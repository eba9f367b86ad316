CREATE TABLE "tracehold"."pending_usage" (
	"project_id" text COLLATE "C" NOT NULL,
	"trace_id" text COLLATE "C" NOT NULL,
	"parent_span_id" text COLLATE "C" NOT NULL,
	"usage_below" text COLLATE "C" NOT NULL,
	CONSTRAINT "pending_usage_project_id_trace_id_parent_span_id_pk" PRIMARY KEY("project_id","trace_id","parent_span_id")
);
--> statement-breakpoint
ALTER TABLE "tracehold"."spans" ADD COLUMN "input_share" bigint;--> statement-breakpoint
ALTER TABLE "tracehold"."spans" ADD COLUMN "output_share" bigint;--> statement-breakpoint
ALTER TABLE "tracehold"."spans" ADD COLUMN "total_share" bigint;--> statement-breakpoint
ALTER TABLE "tracehold"."spans" ADD COLUMN "cache_read_share" bigint;--> statement-breakpoint
ALTER TABLE "tracehold"."spans" ADD COLUMN "cache_creation_share" bigint;--> statement-breakpoint
ALTER TABLE "tracehold"."spans" ADD COLUMN "reasoning_share" bigint;--> statement-breakpoint
ALTER TABLE "tracehold"."spans" ADD COLUMN "cost_share" double precision;--> statement-breakpoint
ALTER TABLE "tracehold"."spans" ADD COLUMN "call_share" integer;--> statement-breakpoint
ALTER TABLE "tracehold"."spans" ADD COLUMN "usage_below" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "tracehold"."traces" ADD COLUMN "authored_stamps" jsonb;--> statement-breakpoint
ALTER TABLE "tracehold"."traces" ADD COLUMN "derived" text COLLATE "C";
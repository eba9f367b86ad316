CREATE SCHEMA IF NOT EXISTS "tracehold";
--> statement-breakpoint
CREATE TABLE "tracehold"."events" (
	"project_id" text COLLATE "C" NOT NULL,
	"trace_id" text COLLATE "C" NOT NULL,
	"span_id" text COLLATE "C" NOT NULL,
	"ordinal" integer NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"time" timestamp with time zone NOT NULL,
	"attributes" jsonb NOT NULL,
	"attribute_types" jsonb,
	"dropped_attributes_count" bigint,
	"written_at" timestamp with time zone NOT NULL,
	"commit_seq" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	CONSTRAINT "events_project_id_trace_id_span_id_ordinal_pk" PRIMARY KEY("project_id","trace_id","span_id","ordinal")
);
--> statement-breakpoint
CREATE TABLE "tracehold"."logs" (
	"project_id" text COLLATE "C" NOT NULL,
	"log_id" text COLLATE "C" NOT NULL,
	"row_number" integer DEFAULT 0 NOT NULL,
	"time" timestamp with time zone NOT NULL,
	"observed_time" timestamp with time zone,
	"severity" integer,
	"severity_text" text COLLATE "C",
	"body_text" text COLLATE "C",
	"body" jsonb,
	"event_name" text COLLATE "C",
	"trace_id" text COLLATE "C",
	"span_id" text COLLATE "C",
	"flags" bigint,
	"service_name" text COLLATE "C",
	"environment" text COLLATE "C",
	"attributes" jsonb NOT NULL,
	"attribute_types" jsonb,
	"dropped_attributes_count" bigint,
	"resource" jsonb,
	"scope" jsonb,
	"written_at" timestamp with time zone NOT NULL,
	"commit_seq" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	CONSTRAINT "logs_key" PRIMARY KEY("project_id","log_id")
);
--> statement-breakpoint
CREATE TABLE "tracehold"."metric_points" (
	"project_id" text COLLATE "C" NOT NULL,
	"point_id" text COLLATE "C" NOT NULL,
	"metric_name" text COLLATE "C" NOT NULL,
	"type" text COLLATE "C" NOT NULL,
	"time" timestamp with time zone NOT NULL,
	"start_time" timestamp with time zone,
	"temporality" text COLLATE "C",
	"is_monotonic" boolean,
	"value" double precision,
	"exact_value" text COLLATE "C",
	"count" bigint,
	"sum" double precision,
	"min" double precision,
	"max" double precision,
	"buckets" jsonb,
	"quantiles" jsonb,
	"exemplars" jsonb,
	"flags" bigint,
	"service_name" text COLLATE "C",
	"environment" text COLLATE "C",
	"tags" jsonb,
	"metadata" jsonb,
	"attributes" jsonb NOT NULL,
	"attribute_types" jsonb,
	"document" text COLLATE "C",
	"resource" jsonb,
	"scope" jsonb,
	"written_at" timestamp with time zone NOT NULL,
	"commit_seq" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	CONSTRAINT "metric_points_project_id_point_id_pk" PRIMARY KEY("project_id","point_id")
);
--> statement-breakpoint
CREATE TABLE "tracehold"."metrics" (
	"project_id" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"type" text COLLATE "C" NOT NULL,
	"category" text COLLATE "C",
	"unit" text COLLATE "C",
	"description" text COLLATE "C",
	"lower_is_better" boolean,
	"is_monotonic" boolean,
	"temporality" text COLLATE "C",
	"service_name" text COLLATE "C",
	"metadata" jsonb,
	"attribute_types" jsonb,
	"written_at" timestamp with time zone NOT NULL,
	"commit_seq" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	CONSTRAINT "metrics_project_id_name_pk" PRIMARY KEY("project_id","name")
);
--> statement-breakpoint
CREATE TABLE "tracehold"."results" (
	"project_id" text COLLATE "C" NOT NULL,
	"result_id" text COLLATE "C" NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"suite" text COLLATE "C",
	"run_id" text COLLATE "C",
	"status" text COLLATE "C",
	"score" double precision,
	"label" text COLLATE "C",
	"explanation" text COLLATE "C",
	"evaluator" text COLLATE "C",
	"error_type" text COLLATE "C",
	"error_message" text COLLATE "C",
	"time" timestamp with time zone NOT NULL,
	"duration_ms" double precision,
	"trace_id" text COLLATE "C",
	"span_id" text COLLATE "C",
	"response_id" text COLLATE "C",
	"service_name" text COLLATE "C",
	"agent_name" text COLLATE "C",
	"environment" text COLLATE "C",
	"evaluations" jsonb,
	"assertions" jsonb,
	"tags" jsonb,
	"metadata" jsonb,
	"document" text COLLATE "C",
	"attributes" jsonb,
	"attribute_types" jsonb,
	"written_at" timestamp with time zone NOT NULL,
	"commit_seq" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	CONSTRAINT "results_project_id_result_id_pk" PRIMARY KEY("project_id","result_id")
);
--> statement-breakpoint
CREATE TABLE "tracehold"."spans" (
	"project_id" text COLLATE "C" NOT NULL,
	"trace_id" text COLLATE "C" NOT NULL,
	"span_id" text COLLATE "C" NOT NULL,
	"parent_span_id" text COLLATE "C",
	"name" text COLLATE "C" NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"operation" text COLLATE "C",
	"status" text COLLATE "C" NOT NULL,
	"status_message" text COLLATE "C",
	"error_type" text COLLATE "C",
	"start_time" timestamp with time zone NOT NULL,
	"end_time" timestamp with time zone,
	"duration_ms" double precision,
	"sequence" integer,
	"provider" text COLLATE "C",
	"model" text COLLATE "C",
	"request_model" text COLLATE "C",
	"response_id" text COLLATE "C",
	"finish_reasons" jsonb,
	"input_tokens" bigint,
	"output_tokens" bigint,
	"total_tokens" bigint,
	"cache_read_tokens" bigint,
	"cache_creation_tokens" bigint,
	"reasoning_tokens" bigint,
	"cost_usd" double precision,
	"time_to_first_chunk_ms" double precision,
	"tool_name" text COLLATE "C",
	"tool_type" text COLLATE "C",
	"tool_call_id" text COLLATE "C",
	"mcp_method" text COLLATE "C",
	"mcp_server" text COLLATE "C",
	"mcp_session_id" text COLLATE "C",
	"session_id" text COLLATE "C",
	"user_id" text COLLATE "C",
	"service_name" text COLLATE "C",
	"environment" text COLLATE "C",
	"agent_id" text COLLATE "C",
	"agent_name" text COLLATE "C",
	"agent_version" text COLLATE "C",
	"workflow_name" text COLLATE "C",
	"otel_kind" text COLLATE "C",
	"trace_state" text COLLATE "C",
	"flags" bigint,
	"tags" jsonb,
	"input" jsonb,
	"output" jsonb,
	"content_keys" jsonb,
	"attributes" jsonb NOT NULL,
	"attribute_types" jsonb,
	"resource" jsonb,
	"scope" jsonb,
	"links" jsonb,
	"dropped" jsonb,
	"written_at" timestamp with time zone NOT NULL,
	"commit_seq" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	CONSTRAINT "spans_project_id_trace_id_span_id_pk" PRIMARY KEY("project_id","trace_id","span_id")
);
--> statement-breakpoint
CREATE TABLE "tracehold"."traces" (
	"project_id" text COLLATE "C" NOT NULL,
	"trace_id" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C",
	"run_id" text COLLATE "C",
	"parent_run_id" text COLLATE "C",
	"session_id" text COLLATE "C",
	"user_id" text COLLATE "C",
	"service_name" text COLLATE "C",
	"agent_name" text COLLATE "C",
	"agent_version" text COLLATE "C",
	"environment" text COLLATE "C",
	"provider" text COLLATE "C",
	"model" text COLLATE "C",
	"status" text COLLATE "C" NOT NULL,
	"status_message" text COLLATE "C",
	"start_time" timestamp with time zone NOT NULL,
	"end_time" timestamp with time zone,
	"duration_ms" double precision,
	"span_count" integer NOT NULL,
	"error_count" integer NOT NULL,
	"llm_call_count" integer NOT NULL,
	"tool_call_count" integer NOT NULL,
	"step_count" integer NOT NULL,
	"steps_duration_ms" double precision NOT NULL,
	"input_tokens" bigint,
	"output_tokens" bigint,
	"total_tokens" bigint,
	"cache_read_tokens" bigint,
	"cache_creation_tokens" bigint,
	"reasoning_tokens" bigint,
	"cost_usd" double precision,
	"tags" jsonb,
	"metadata" jsonb,
	"resource" jsonb,
	"input" jsonb,
	"output" jsonb,
	"authored" jsonb,
	"document" text COLLATE "C",
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"written_at" timestamp with time zone NOT NULL,
	"commit_seq" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	CONSTRAINT "traces_project_id_trace_id_pk" PRIMARY KEY("project_id","trace_id")
);
--> statement-breakpoint
CREATE INDEX "events_commit_seq" ON "tracehold"."events" USING btree ("project_id","commit_seq");--> statement-breakpoint
CREATE INDEX "logs_time" ON "tracehold"."logs" USING btree ("project_id","time");--> statement-breakpoint
CREATE INDEX "logs_trace" ON "tracehold"."logs" USING btree ("project_id","trace_id","time") WHERE trace_id is not null;--> statement-breakpoint
CREATE INDEX "logs_errors" ON "tracehold"."logs" USING btree ("project_id","time") WHERE severity >= 17;--> statement-breakpoint
CREATE INDEX "logs_commit_seq" ON "tracehold"."logs" USING btree ("project_id","commit_seq");--> statement-breakpoint
CREATE INDEX "metric_points_name" ON "tracehold"."metric_points" USING btree ("project_id","metric_name","time");--> statement-breakpoint
CREATE INDEX "metric_points_commit_seq" ON "tracehold"."metric_points" USING btree ("project_id","commit_seq");--> statement-breakpoint
CREATE INDEX "results_time" ON "tracehold"."results" USING btree ("project_id","time");--> statement-breakpoint
CREATE INDEX "results_name" ON "tracehold"."results" USING btree ("project_id","name","time");--> statement-breakpoint
CREATE INDEX "results_run" ON "tracehold"."results" USING btree ("project_id","run_id","name");--> statement-breakpoint
CREATE INDEX "results_trace" ON "tracehold"."results" USING btree ("project_id","trace_id","time");--> statement-breakpoint
CREATE INDEX "results_commit_seq" ON "tracehold"."results" USING btree ("project_id","commit_seq");--> statement-breakpoint
CREATE INDEX "spans_start_time" ON "tracehold"."spans" USING btree ("project_id","start_time");--> statement-breakpoint
CREATE INDEX "spans_errors" ON "tracehold"."spans" USING btree ("project_id","start_time") WHERE status = 'error';--> statement-breakpoint
CREATE INDEX "spans_commit_seq" ON "tracehold"."spans" USING btree ("project_id","commit_seq");--> statement-breakpoint
CREATE INDEX "traces_start_time" ON "tracehold"."traces" USING btree ("project_id","start_time");--> statement-breakpoint
CREATE INDEX "traces_session" ON "tracehold"."traces" USING btree ("project_id","session_id","start_time") WHERE session_id is not null;--> statement-breakpoint
CREATE INDEX "traces_user" ON "tracehold"."traces" USING btree ("project_id","user_id","start_time") WHERE user_id is not null;--> statement-breakpoint
CREATE INDEX "traces_parent_run" ON "tracehold"."traces" USING btree ("project_id","parent_run_id","start_time") WHERE parent_run_id is not null;--> statement-breakpoint
CREATE INDEX "traces_created_at" ON "tracehold"."traces" USING btree ("project_id","created_at");--> statement-breakpoint
CREATE INDEX "traces_commit_seq" ON "tracehold"."traces" USING btree ("project_id","commit_seq");
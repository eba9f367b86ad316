CREATE TABLE "tracehold"."leases" (
	"project_id" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"holder" text COLLATE "C" NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "leases_project_id_name_pk" PRIMARY KEY("project_id","name")
);
--> statement-breakpoint
CREATE TABLE "tracehold"."tombstones" (
	"project_id" text COLLATE "C" NOT NULL,
	"entity" text COLLATE "C" NOT NULL,
	"key" text COLLATE "C" NOT NULL,
	"erased_at" timestamp with time zone NOT NULL,
	CONSTRAINT "tombstones_project_id_entity_key_pk" PRIMARY KEY("project_id","entity","key")
);

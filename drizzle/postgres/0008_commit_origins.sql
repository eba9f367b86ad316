CREATE TABLE "tracehold"."commit_origins" (
	"cluster" text COLLATE "C" PRIMARY KEY NOT NULL,
	"origin" text COLLATE "C" NOT NULL
);

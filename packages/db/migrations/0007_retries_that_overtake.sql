ALTER TABLE "videos" ADD COLUMN "adopted_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "videos" ADD COLUMN "made_by_retry" integer DEFAULT 0 NOT NULL;
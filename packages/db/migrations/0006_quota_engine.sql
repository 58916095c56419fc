CREATE TABLE "quota_grants" (
	"id" text PRIMARY KEY NOT NULL,
	"limit_id" text NOT NULL,
	"amount" bigint NOT NULL,
	"reason" text NOT NULL,
	"granted_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"ends_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "quota_grants_amount" CHECK ("quota_grants"."amount" > 0),
	CONSTRAINT "quota_grants_reason" CHECK ("quota_grants"."reason" <> '')
);
--> statement-breakpoint
ALTER TABLE "quota_limits" DROP CONSTRAINT "quota_limits_scope";--> statement-breakpoint
ALTER TABLE "quota_buckets" DROP CONSTRAINT "quota_buckets_never_over";--> statement-breakpoint
ALTER TABLE "quota_limits" DROP CONSTRAINT "quota_limits_window";--> statement-breakpoint
ALTER TABLE "quota_buckets" ADD COLUMN "granted" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "quota_buckets" ADD COLUMN "granted_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "quota_buckets" ADD COLUMN "leaked" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "quota_buckets" ADD COLUMN "leaked_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "quota_buckets" ADD COLUMN "alert_at" bigint;--> statement-breakpoint
ALTER TABLE "quota_buckets" ADD COLUMN "fired" integer[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "quota_buckets" ADD COLUMN "exhausted_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "quota_limits" ADD COLUMN "span_seconds" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "quota_limits" ADD COLUMN "model" text;--> statement-breakpoint
ALTER TABLE "quota_limits" ADD COLUMN "tags" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "quota_limits" ADD COLUMN "thresholds" integer[] DEFAULT '{50,80,100}' NOT NULL;--> statement-breakpoint
ALTER TABLE "quota_limits" ADD COLUMN "version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "quota_limits" ADD COLUMN "created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL;--> statement-breakpoint
ALTER TABLE "quota_limits" ADD COLUMN "retired_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "videos" ADD COLUMN "charge" text DEFAULT 'open' NOT NULL;--> statement-breakpoint
ALTER TABLE "quota_grants" ADD CONSTRAINT "quota_grants_limit_id_quota_limits_id_fk" FOREIGN KEY ("limit_id") REFERENCES "public"."quota_limits"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "quota_grants_limit" ON "quota_grants" USING btree ("limit_id","ends_at");--> statement-breakpoint
CREATE UNIQUE INDEX "quota_limits_once" ON "quota_limits" USING btree ("scope_kind","scope_id","metric","window","span_seconds",coalesce("model", ''),"tags") WHERE "quota_limits"."retired_at" is null;--> statement-breakpoint
CREATE INDEX "videos_by_time" ON "videos" USING btree ("created_at");--> statement-breakpoint
ALTER TABLE "quota_buckets" ADD CONSTRAINT "quota_buckets_leaked" CHECK ("quota_buckets"."leaked" between 0 and "quota_buckets"."reserved" + "quota_buckets"."settled");--> statement-breakpoint
ALTER TABLE "quota_buckets" ADD CONSTRAINT "quota_buckets_never_over" CHECK ("quota_buckets"."hard_limit" is null or "quota_buckets"."reserved" + "quota_buckets"."settled" - "quota_buckets"."leaked" <= "quota_buckets"."hard_limit" + "quota_buckets"."granted" + "quota_buckets"."overrun_allowed");--> statement-breakpoint
ALTER TABLE "quota_limits" ADD CONSTRAINT "quota_limits_span" CHECK (("quota_limits"."window" = 'leaky') = ("quota_limits"."span_seconds" > 0));--> statement-breakpoint
ALTER TABLE "quota_limits" ADD CONSTRAINT "quota_limits_leaky_has_limit" CHECK ("quota_limits"."window" <> 'leaky' or "quota_limits"."hard" is not null);--> statement-breakpoint
ALTER TABLE "quota_limits" ADD CONSTRAINT "quota_limits_window" CHECK ("quota_limits"."window" in ('month','day','none','leaky'));--> statement-breakpoint
ALTER TABLE "videos" ADD CONSTRAINT "videos_charge" CHECK ("videos"."charge" in ('open','parked','settled','released'));--> statement-breakpoint
ALTER TABLE "quota_buckets" SET (fillfactor = 70);--> statement-breakpoint
UPDATE "videos" v SET "charge" = CASE
  WHEN v."final_micro" IS NOT NULL THEN 'settled'
  WHEN EXISTS (SELECT FROM "quota_reservations" r WHERE r."video_id" = v."id" AND r."state" = 'parked') THEN 'parked'
  WHEN v."state" IN ('failed', 'purged')
   AND NOT EXISTS (SELECT FROM "quota_reservations" r WHERE r."video_id" = v."id" AND r."state" = 'held') THEN 'released'
  ELSE 'open' END;--> statement-breakpoint
-- Unused since 0.0.0: no release had it.
DROP FUNCTION IF EXISTS quota_reserve(text, text, text, text, jsonb);--> statement-breakpoint
-- Unused since 0.0.0: no release had it.
DROP FUNCTION IF EXISTS quota_look(text, text, text, jsonb);--> statement-breakpoint
-- Unused since 0.0.0: no release had it.
DROP FUNCTION IF EXISTS accept_video(jsonb);

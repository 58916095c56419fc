CREATE TABLE "brakes" (
	"scope_kind" text NOT NULL,
	"scope_id" text NOT NULL,
	"reason" text NOT NULL,
	"pulled_by" text NOT NULL,
	"pulled_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "brakes_scope_kind_scope_id_pk" PRIMARY KEY("scope_kind","scope_id"),
	CONSTRAINT "brakes_scope_kind" CHECK ("brakes"."scope_kind" in ('org','team','key'))
);
--> statement-breakpoint
CREATE TABLE "key_minutes" (
	"key_id" text NOT NULL,
	"minute" timestamp with time zone NOT NULL,
	"videos" integer NOT NULL,
	"micro_usd" bigint NOT NULL,
	"normal_videos" double precision,
	"normal_micro_usd" double precision,
	CONSTRAINT "key_minutes_key_id_minute_pk" PRIMARY KEY("key_id","minute")
);
--> statement-breakpoint
CREATE TABLE "velocity_breakers" (
	"scope_kind" text NOT NULL,
	"scope_id" text NOT NULL,
	"videos_per_minute" integer,
	"micro_usd_per_minute" bigint,
	"times_normal" double precision,
	"updated_by" text,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "velocity_breakers_scope_kind_scope_id_pk" PRIMARY KEY("scope_kind","scope_id"),
	CONSTRAINT "velocity_breakers_scope_kind" CHECK ("velocity_breakers"."scope_kind" in ('org','team','key')),
	CONSTRAINT "velocity_breakers_positive" CHECK ("velocity_breakers"."videos_per_minute" > 0 and "velocity_breakers"."micro_usd_per_minute" > 0 and "velocity_breakers"."times_normal" > 1)
);
--> statement-breakpoint
CREATE TABLE "budget_requests" (
	"id" text PRIMARY KEY NOT NULL,
	"team_id" text NOT NULL,
	"limit_id" text NOT NULL,
	"amount" bigint NOT NULL,
	"reason" text NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"requested_by" text NOT NULL,
	"requested_by_name" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"decided_by" text,
	"decided_by_name" text,
	"decided_at" timestamp with time zone,
	"note" text,
	"grant_id" text,
	CONSTRAINT "budget_requests_state" CHECK ("budget_requests"."state" in ('open','approved','denied','withdrawn')),
	CONSTRAINT "budget_requests_amount" CHECK ("budget_requests"."amount" > 0)
);
--> statement-breakpoint
ALTER TABLE "prices" DROP CONSTRAINT "prices_not_negative";--> statement-breakpoint
ALTER TABLE "prices" ADD COLUMN "per_image_micro_usd" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "prices" ADD COLUMN "per_video_micro_usd" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "prices" ADD COLUMN "minimum_micro_usd" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "prices" ADD COLUMN "set_by" text;--> statement-breakpoint
ALTER TABLE "quota_grants" ADD COLUMN "granted_by_name" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "budget_requests" ADD CONSTRAINT "budget_requests_team_id_teams_id_fk" FOREIGN KEY ("team_id") REFERENCES "public"."teams"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "budget_requests" ADD CONSTRAINT "budget_requests_limit_id_quota_limits_id_fk" FOREIGN KEY ("limit_id") REFERENCES "public"."quota_limits"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "budget_requests" ADD CONSTRAINT "budget_requests_grant_id_quota_grants_id_fk" FOREIGN KEY ("grant_id") REFERENCES "public"."quota_grants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "budget_requests_one_open" ON "budget_requests" USING btree ("team_id","limit_id") WHERE "budget_requests"."state" = 'open';--> statement-breakpoint
CREATE INDEX "budget_requests_newest" ON "budget_requests" USING btree ("created_at");--> statement-breakpoint
ALTER TABLE "prices" ADD CONSTRAINT "prices_not_negative" CHECK (least("prices"."per_second_micro_usd", "prices"."per_image_micro_usd", "prices"."per_video_micro_usd", "prices"."minimum_micro_usd") >= 0);
CREATE TABLE "account_polls" (
	"account_id" text PRIMARY KEY NOT NULL,
	"polled_at" timestamp with time zone,
	"deep_polled_at" timestamp with time zone,
	"lease_owner" text,
	"lease_until" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "retention_rules" (
	"team_id" text PRIMARY KEY NOT NULL,
	"days" integer NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "retention_rules_days" CHECK ("retention_rules"."days" between 1 and 36500)
);
--> statement-breakpoint
CREATE TABLE "upkeep_turns" (
	"name" text PRIMARY KEY NOT NULL,
	"taken_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "upstream_hooks" (
	"account_id" text NOT NULL,
	"hook_id" text NOT NULL,
	"received_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "upstream_hooks_account_id_hook_id_pk" PRIMARY KEY("account_id","hook_id")
);
--> statement-breakpoint
ALTER TABLE "upstream_accounts" ADD COLUMN "intake" text DEFAULT 'open' NOT NULL;--> statement-breakpoint
ALTER TABLE "upstream_accounts" ADD COLUMN "created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL;--> statement-breakpoint
ALTER TABLE "videos" ADD COLUMN "faults" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "videos" ADD COLUMN "alerted_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "videos" ADD COLUMN "legal_hold_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "videos" ADD COLUMN "legal_hold_reason" text;--> statement-breakpoint
ALTER TABLE "videos" ADD COLUMN "upstream_copy" text DEFAULT 'kept' NOT NULL;--> statement-breakpoint
ALTER TABLE "account_polls" ADD CONSTRAINT "account_polls_account_id_upstream_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."upstream_accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "retention_rules" ADD CONSTRAINT "retention_rules_team_id_teams_id_fk" FOREIGN KEY ("team_id") REFERENCES "public"."teams"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "upstream_hooks" ADD CONSTRAINT "upstream_hooks_account_id_upstream_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."upstream_accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "upstream_hooks_received" ON "upstream_hooks" USING btree ("received_at");--> statement-breakpoint
CREATE INDEX "assets_in_lifeboat" ON "assets" USING btree ("object_key") WHERE "assets"."object_key" like 'lifeboat/%';--> statement-breakpoint
CREATE INDEX "videos_rendering" ON "videos" USING btree ("upstream_account_id","next_action_at") WHERE "videos"."state" = 'rendering';--> statement-breakpoint
CREATE INDEX "videos_stored" ON "videos" USING btree ("team_id","stored_at") WHERE "videos"."state" in ('stored','partly_stored') and "videos"."delete_requested_at" is null;--> statement-breakpoint
CREATE INDEX "videos_quarantined" ON "videos" USING btree ("quarantined_at") WHERE "videos"."quarantined_at" is not null;--> statement-breakpoint
CREATE INDEX "videos_upstream_copy_due" ON "videos" USING btree ("stored_at") WHERE "videos"."upstream_copy" = 'due';--> statement-breakpoint
ALTER TABLE "videos" ADD CONSTRAINT "videos_upstream_copy" CHECK ("videos"."upstream_copy" in ('kept','due','erased'));
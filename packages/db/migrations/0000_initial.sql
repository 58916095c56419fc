CREATE TABLE "audit_log" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_log_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"actor_kind" text NOT NULL,
	"actor_id" text NOT NULL,
	"ip" text,
	"action" text NOT NULL,
	"target" text NOT NULL,
	"before" jsonb,
	"after" jsonb,
	"request_id" text,
	"prev_hash" text,
	"hash" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "characters" (
	"id" text PRIMARY KEY NOT NULL,
	"team_id" text NOT NULL,
	"name" text NOT NULL,
	"upstream_account_id" text NOT NULL,
	"upstream_character_id" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "characters_upstream_once" UNIQUE("upstream_account_id","upstream_character_id")
);
--> statement-breakpoint
CREATE TABLE "api_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"team_id" text NOT NULL,
	"name" text NOT NULL,
	"prefix" text NOT NULL,
	"hash" text NOT NULL,
	"pepper_version" integer DEFAULT 1 NOT NULL,
	"state" text DEFAULT 'active' NOT NULL,
	"expires_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"last_used_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "api_keys_prefix_unique" UNIQUE("prefix"),
	CONSTRAINT "api_keys_hash_unique" UNIQUE("hash"),
	CONSTRAINT "api_keys_id_team" UNIQUE("id","team_id"),
	CONSTRAINT "api_keys_state" CHECK ("api_keys"."state" in ('active', 'revoked'))
);
--> statement-breakpoint
CREATE TABLE "models" (
	"name" text PRIMARY KEY NOT NULL,
	"upstream_account_id" text NOT NULL,
	"upstream_model" text NOT NULL,
	"seconds" integer[] NOT NULL,
	"sizes" text[] NOT NULL,
	"default_seconds" integer NOT NULL,
	"default_size" text NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "prices" (
	"id" text PRIMARY KEY NOT NULL,
	"model" text NOT NULL,
	"size" text NOT NULL,
	"per_second_micro_usd" bigint NOT NULL,
	"valid_from" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "prices_model_size_from" UNIQUE("model","size","valid_from"),
	CONSTRAINT "prices_not_negative" CHECK ("prices"."per_second_micro_usd" >= 0)
);
--> statement-breakpoint
CREATE TABLE "upstream_accounts" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"base_url" text NOT NULL,
	"secret_ref" text,
	"capabilities" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"breaker_state" text DEFAULT 'closed' NOT NULL,
	"breaker_until" timestamp with time zone,
	"breaker_reason" text,
	"clock_skew_ms" integer DEFAULT 0 NOT NULL,
	"list_healthy_at" timestamp with time zone,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "quota_buckets" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "quota_buckets_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"limit_id" text NOT NULL,
	"period_start" timestamp with time zone NOT NULL,
	"period_end" timestamp with time zone,
	"hard_limit" bigint,
	"overrun_allowed" bigint DEFAULT 0 NOT NULL,
	"reserved" bigint DEFAULT 0 NOT NULL,
	"settled" bigint DEFAULT 0 NOT NULL,
	"soft_fired_at" timestamp with time zone,
	CONSTRAINT "quota_buckets_period" UNIQUE("limit_id","period_start"),
	CONSTRAINT "quota_buckets_reserved" CHECK ("quota_buckets"."reserved" >= 0),
	CONSTRAINT "quota_buckets_settled" CHECK ("quota_buckets"."settled" >= 0),
	CONSTRAINT "quota_buckets_never_over" CHECK ("quota_buckets"."hard_limit" is null or "quota_buckets"."reserved" + "quota_buckets"."settled" <= "quota_buckets"."hard_limit" + "quota_buckets"."overrun_allowed")
);
--> statement-breakpoint
CREATE TABLE "quota_ledger" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "quota_ledger_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"bucket_id" bigint NOT NULL,
	"video_id" text,
	"kind" text NOT NULL,
	"d_reserved" bigint NOT NULL,
	"d_settled" bigint NOT NULL,
	"idem" text NOT NULL,
	"actor" text,
	"reason" text,
	"at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "quota_ledger_idem_unique" UNIQUE("idem"),
	CONSTRAINT "quota_ledger_kind" CHECK ("quota_ledger"."kind" in ('reserve','settle','release','overrun','adjust','grant'))
);
--> statement-breakpoint
CREATE TABLE "quota_limits" (
	"id" text PRIMARY KEY NOT NULL,
	"scope_kind" text NOT NULL,
	"scope_id" text NOT NULL,
	"metric" text NOT NULL,
	"window" text NOT NULL,
	"tz" text DEFAULT 'UTC' NOT NULL,
	"hard" bigint,
	"soft" bigint,
	"updated_by" text,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "quota_limits_scope" UNIQUE("scope_kind","scope_id","metric","window"),
	CONSTRAINT "quota_limits_scope_kind" CHECK ("quota_limits"."scope_kind" in ('org','team','key')),
	CONSTRAINT "quota_limits_metric" CHECK ("quota_limits"."metric" in ('cost','seconds','videos','concurrent')),
	CONSTRAINT "quota_limits_window" CHECK ("quota_limits"."window" in ('month','day','none')),
	CONSTRAINT "quota_limits_concurrent_has_no_window" CHECK ("quota_limits"."metric" <> 'concurrent' or "quota_limits"."window" = 'none'),
	CONSTRAINT "quota_limits_not_negative" CHECK (coalesce("quota_limits"."hard", 0) >= 0 and coalesce("quota_limits"."soft", 0) >= 0)
);
--> statement-breakpoint
CREATE TABLE "quota_reservations" (
	"video_id" text NOT NULL,
	"bucket_id" bigint NOT NULL,
	"amount" bigint NOT NULL,
	"state" text DEFAULT 'held' NOT NULL,
	"settled_amount" bigint,
	"hold_until" timestamp with time zone,
	CONSTRAINT "quota_reservations_video_id_bucket_id_pk" PRIMARY KEY("video_id","bucket_id"),
	CONSTRAINT "quota_reservations_state" CHECK ("quota_reservations"."state" in ('held','settled','released','parked')),
	CONSTRAINT "quota_reservations_amount" CHECK ("quota_reservations"."amount" >= 0)
);
--> statement-breakpoint
CREATE TABLE "organizations" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"time_zone" text DEFAULT 'UTC' NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "organizations_one_row" CHECK ("organizations"."id" = 'org')
);
--> statement-breakpoint
CREATE TABLE "teams" (
	"id" text PRIMARY KEY NOT NULL,
	"organization_id" text NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "teams_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "assets" (
	"video_id" text NOT NULL,
	"variant" text NOT NULL,
	"state" text NOT NULL,
	"origin" text DEFAULT 'upstream' NOT NULL,
	"bucket" text,
	"object_key" text,
	"bytes" bigint,
	"sha256" text,
	"content_type" text,
	"attempt" integer DEFAULT 0 NOT NULL,
	"verified_at" timestamp with time zone,
	CONSTRAINT "assets_video_id_variant_pk" PRIMARY KEY("video_id","variant"),
	CONSTRAINT "assets_object" UNIQUE("bucket","object_key"),
	CONSTRAINT "assets_state" CHECK ("assets"."state" in ('pending','storing','stored','lost','deleted')),
	CONSTRAINT "assets_variant" CHECK ("assets"."variant" in ('video','thumbnail','spritesheet')),
	CONSTRAINT "assets_stored_is_complete" CHECK ("assets"."state" <> 'stored' or ("assets"."bytes" > 0 and "assets"."sha256" is not null and "assets"."object_key" is not null))
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"team_id" text NOT NULL,
	"route" text NOT NULL,
	"key" text NOT NULL,
	"full_fp" text NOT NULL,
	"video_id" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"expires_at" timestamp with time zone DEFAULT clock_timestamp() + interval '30 days' NOT NULL,
	"adopted_retry_count" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "idempotency_keys_team_id_route_key_pk" PRIMARY KEY("team_id","route","key")
);
--> statement-breakpoint
CREATE TABLE "spool_files" (
	"volume_id" text NOT NULL,
	"path" text NOT NULL,
	"video_id" text NOT NULL,
	"variant" text NOT NULL,
	"bytes" bigint NOT NULL,
	"sha256" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"drained_at" timestamp with time zone,
	CONSTRAINT "spool_files_volume_id_path_pk" PRIMARY KEY("volume_id","path")
);
--> statement-breakpoint
CREATE TABLE "upstream_orphans" (
	"account_id" text NOT NULL,
	"upstream_id" text NOT NULL,
	"first_seen_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"snapshot" jsonb NOT NULL,
	"state" text DEFAULT 'seen' NOT NULL,
	"adopted_video_id" text,
	"decided_by" text,
	CONSTRAINT "upstream_orphans_account_id_upstream_id_pk" PRIMARY KEY("account_id","upstream_id")
);
--> statement-breakpoint
CREATE TABLE "upstream_submissions" (
	"id" text PRIMARY KEY NOT NULL,
	"video_id" text NOT NULL,
	"no" integer NOT NULL,
	"account_id" text NOT NULL,
	"visible_fp" text NOT NULL,
	"state" text NOT NULL,
	"prepared_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"sent_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"http_status" integer,
	"error_class" text,
	"upstream_request_id" text,
	"callback_nonce" text,
	CONSTRAINT "upstream_submissions_no" UNIQUE("video_id","no"),
	CONSTRAINT "upstream_submissions_state" CHECK ("upstream_submissions"."state" in ('prepared','sending','unknown','accepted','refused','not_sent','absent'))
);
--> statement-breakpoint
CREATE TABLE "videos" (
	"id" text PRIMARY KEY NOT NULL,
	"team_id" text NOT NULL,
	"key_id" text NOT NULL,
	"operation" text NOT NULL,
	"model" text NOT NULL,
	"upstream_account_id" text NOT NULL,
	"upstream_model" text NOT NULL,
	"prompt" text NOT NULL,
	"params" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"inputs" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"full_fp" text NOT NULL,
	"visible_fp" text NOT NULL,
	"seconds" integer NOT NULL,
	"billed_seconds" integer NOT NULL,
	"size" text NOT NULL,
	"state" text NOT NULL,
	"state_version" integer DEFAULT 0 NOT NULL,
	"progress" integer DEFAULT 0 NOT NULL,
	"upstream_id" text,
	"upstream_handle" jsonb,
	"upstream_created_at" timestamp with time zone,
	"upstream_expires_at" timestamp with time zone,
	"archive_deadline_at" timestamp with time zone,
	"next_action_at" timestamp with time zone,
	"lease_owner" text,
	"lease_until" timestamp with time zone,
	"lease_epoch" bigint DEFAULT 0 NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"quarantined_at" timestamp with time zone,
	"error_code" text,
	"error_message" text,
	"parent_id" text,
	"root_id" text,
	"price_id" text NOT NULL,
	"unit_price_micro" bigint NOT NULL,
	"est_micro" bigint NOT NULL,
	"final_micro" bigint,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"answered_at" timestamp with time zone,
	"adopted_retries" integer DEFAULT 0 NOT NULL,
	"submitted_at" timestamp with time zone,
	"started_at" timestamp with time zone,
	"completed_at" timestamp with time zone,
	"stored_at" timestamp with time zone,
	"delete_requested_at" timestamp with time zone,
	"deleted_at" timestamp with time zone,
	"purged_at" timestamp with time zone,
	CONSTRAINT "videos_upstream_once" UNIQUE("upstream_account_id","upstream_id"),
	CONSTRAINT "videos_id_team" UNIQUE("id","team_id"),
	CONSTRAINT "videos_state_known" CHECK ("videos"."state" in ('accepted','submitting','unknown','rendering','archiving','stored','partly_stored','content_lost','failed','purged')),
	CONSTRAINT "videos_upstream_id_when_accepted" CHECK ("videos"."upstream_id" is not null or "videos"."state" not in ('rendering','archiving','stored','partly_stored','content_lost')),
	CONSTRAINT "videos_no_upstream_id_before" CHECK ("videos"."upstream_id" is null or "videos"."state" not in ('accepted','submitting','unknown')),
	CONSTRAINT "videos_terminal_not_due" CHECK ("videos"."state" not in ('stored','partly_stored','content_lost','purged') or "videos"."next_action_at" is null or ("videos"."delete_requested_at" is not null and "videos"."state" <> 'purged')),
	CONSTRAINT "videos_seconds" CHECK ("videos"."seconds" between 1 and 3600 and "videos"."billed_seconds" between 1 and 3600),
	CONSTRAINT "videos_progress" CHECK ("videos"."progress" between 0 and 100)
);
--> statement-breakpoint
CREATE TABLE "events" (
	"id" text PRIMARY KEY NOT NULL,
	"team_id" text NOT NULL,
	"video_id" text,
	"type" text NOT NULL,
	"payload" "bytea" NOT NULL,
	"occurred_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "events_id_team" UNIQUE("id","team_id")
);
--> statement-breakpoint
CREATE TABLE "webhook_attempts" (
	"delivery_id" text NOT NULL,
	"no" integer NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"duration_ms" integer NOT NULL,
	"outcome" text NOT NULL,
	"status" integer,
	"response_head" text,
	"resolved_ip" text,
	CONSTRAINT "webhook_attempts_delivery_id_no_pk" PRIMARY KEY("delivery_id","no")
);
--> statement-breakpoint
CREATE TABLE "webhook_deliveries" (
	"id" text PRIMARY KEY NOT NULL,
	"event_id" text NOT NULL,
	"endpoint_id" text NOT NULL,
	"team_id" text NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"attempt_no" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp with time zone,
	"lease_owner" text,
	"lease_until" timestamp with time zone,
	"lease_epoch" bigint DEFAULT 0 NOT NULL,
	"replay_of" text,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "webhook_deliveries_state" CHECK ("webhook_deliveries"."state" in ('pending','delivered','exhausted','cancelled')),
	CONSTRAINT "webhook_deliveries_ended_not_due" CHECK ("webhook_deliveries"."state" = 'pending' or "webhook_deliveries"."next_attempt_at" is null)
);
--> statement-breakpoint
CREATE TABLE "webhook_endpoints" (
	"id" text PRIMARY KEY NOT NULL,
	"team_id" text NOT NULL,
	"url" text NOT NULL,
	"event_types" text[] NOT NULL,
	"state" text DEFAULT 'enabled' NOT NULL,
	"failing_since" timestamp with time zone,
	"consecutive_failures" integer DEFAULT 0 NOT NULL,
	"description" text,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "webhook_endpoints_id_team" UNIQUE("id","team_id"),
	CONSTRAINT "webhook_endpoints_state" CHECK ("webhook_endpoints"."state" in ('enabled','disabled_auto','disabled_user'))
);
--> statement-breakpoint
CREATE TABLE "webhook_secrets" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "webhook_secrets_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"endpoint_id" text NOT NULL,
	"secret_enc" "bytea" NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"expires_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "characters" ADD CONSTRAINT "characters_team_id_teams_id_fk" FOREIGN KEY ("team_id") REFERENCES "public"."teams"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "characters" ADD CONSTRAINT "characters_upstream_account_id_upstream_accounts_id_fk" FOREIGN KEY ("upstream_account_id") REFERENCES "public"."upstream_accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_team_id_teams_id_fk" FOREIGN KEY ("team_id") REFERENCES "public"."teams"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "models" ADD CONSTRAINT "models_upstream_account_id_upstream_accounts_id_fk" FOREIGN KEY ("upstream_account_id") REFERENCES "public"."upstream_accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prices" ADD CONSTRAINT "prices_model_models_name_fk" FOREIGN KEY ("model") REFERENCES "public"."models"("name") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "quota_buckets" ADD CONSTRAINT "quota_buckets_limit_id_quota_limits_id_fk" FOREIGN KEY ("limit_id") REFERENCES "public"."quota_limits"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "quota_ledger" ADD CONSTRAINT "quota_ledger_bucket_id_quota_buckets_id_fk" FOREIGN KEY ("bucket_id") REFERENCES "public"."quota_buckets"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "quota_ledger" ADD CONSTRAINT "quota_ledger_video_id_videos_id_fk" FOREIGN KEY ("video_id") REFERENCES "public"."videos"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "quota_reservations" ADD CONSTRAINT "quota_reservations_video_id_videos_id_fk" FOREIGN KEY ("video_id") REFERENCES "public"."videos"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "quota_reservations" ADD CONSTRAINT "quota_reservations_bucket_id_quota_buckets_id_fk" FOREIGN KEY ("bucket_id") REFERENCES "public"."quota_buckets"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "teams" ADD CONSTRAINT "teams_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "assets" ADD CONSTRAINT "assets_video_id_videos_id_fk" FOREIGN KEY ("video_id") REFERENCES "public"."videos"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_team_id_teams_id_fk" FOREIGN KEY ("team_id") REFERENCES "public"."teams"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_video_id_videos_id_fk" FOREIGN KEY ("video_id") REFERENCES "public"."videos"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "spool_files" ADD CONSTRAINT "spool_files_video_id_videos_id_fk" FOREIGN KEY ("video_id") REFERENCES "public"."videos"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "upstream_orphans" ADD CONSTRAINT "upstream_orphans_account_id_upstream_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."upstream_accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "upstream_orphans" ADD CONSTRAINT "upstream_orphans_adopted_video_id_videos_id_fk" FOREIGN KEY ("adopted_video_id") REFERENCES "public"."videos"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "upstream_submissions" ADD CONSTRAINT "upstream_submissions_video_id_videos_id_fk" FOREIGN KEY ("video_id") REFERENCES "public"."videos"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "upstream_submissions" ADD CONSTRAINT "upstream_submissions_account_id_upstream_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."upstream_accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "videos" ADD CONSTRAINT "videos_team_id_teams_id_fk" FOREIGN KEY ("team_id") REFERENCES "public"."teams"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "videos" ADD CONSTRAINT "videos_upstream_account_id_upstream_accounts_id_fk" FOREIGN KEY ("upstream_account_id") REFERENCES "public"."upstream_accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "videos" ADD CONSTRAINT "videos_parent_id_videos_id_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."videos"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "videos" ADD CONSTRAINT "videos_price_id_prices_id_fk" FOREIGN KEY ("price_id") REFERENCES "public"."prices"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "videos" ADD CONSTRAINT "videos_parent_same_team" FOREIGN KEY ("parent_id","team_id") REFERENCES "public"."videos"("id","team_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "videos" ADD CONSTRAINT "videos_key_same_team" FOREIGN KEY ("key_id","team_id") REFERENCES "public"."api_keys"("id","team_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "events" ADD CONSTRAINT "events_team_id_teams_id_fk" FOREIGN KEY ("team_id") REFERENCES "public"."teams"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "events" ADD CONSTRAINT "events_video_id_videos_id_fk" FOREIGN KEY ("video_id") REFERENCES "public"."videos"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_attempts" ADD CONSTRAINT "webhook_attempts_delivery_id_webhook_deliveries_id_fk" FOREIGN KEY ("delivery_id") REFERENCES "public"."webhook_deliveries"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_endpoint_same_team" FOREIGN KEY ("endpoint_id","team_id") REFERENCES "public"."webhook_endpoints"("id","team_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_event_same_team" FOREIGN KEY ("event_id","team_id") REFERENCES "public"."events"("id","team_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_endpoints" ADD CONSTRAINT "webhook_endpoints_team_id_teams_id_fk" FOREIGN KEY ("team_id") REFERENCES "public"."teams"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_secrets" ADD CONSTRAINT "webhook_secrets_endpoint_id_webhook_endpoints_id_fk" FOREIGN KEY ("endpoint_id") REFERENCES "public"."webhook_endpoints"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "characters_team" ON "characters" USING btree ("team_id");--> statement-breakpoint
CREATE INDEX "api_keys_team" ON "api_keys" USING btree ("team_id");--> statement-breakpoint
CREATE INDEX "prices_current" ON "prices" USING btree ("model","size","valid_from" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "quota_ledger_bucket" ON "quota_ledger" USING btree ("bucket_id");--> statement-breakpoint
CREATE INDEX "quota_ledger_video" ON "quota_ledger" USING btree ("video_id");--> statement-breakpoint
CREATE INDEX "quota_reservations_bucket" ON "quota_reservations" USING btree ("bucket_id");--> statement-breakpoint
CREATE INDEX "idempotency_keys_video" ON "idempotency_keys" USING btree ("video_id");--> statement-breakpoint
CREATE UNIQUE INDEX "one_open_submission" ON "upstream_submissions" USING btree ("video_id") WHERE "upstream_submissions"."state" in ('prepared','sending','unknown','accepted');--> statement-breakpoint
CREATE INDEX "upstream_submissions_unresolved" ON "upstream_submissions" USING btree ("account_id","sent_at") WHERE "upstream_submissions"."state" in ('sending','unknown','absent');--> statement-breakpoint
CREATE INDEX "videos_due" ON "videos" USING btree ("next_action_at") WHERE "videos"."next_action_at" is not null;--> statement-breakpoint
CREATE INDEX "videos_team_newest" ON "videos" USING btree ("team_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "videos_archive_deadline" ON "videos" USING btree ("archive_deadline_at") WHERE "videos"."state" = 'archiving';--> statement-breakpoint
CREATE INDEX "videos_repeated" ON "videos" USING btree ("key_id","full_fp","created_at");--> statement-breakpoint
CREATE INDEX "videos_reusable" ON "videos" USING btree ("team_id","full_fp","created_at") WHERE "videos"."state" = 'stored';--> statement-breakpoint
CREATE INDEX "videos_metadata" ON "videos" USING gin ("metadata");--> statement-breakpoint
CREATE INDEX "videos_parent" ON "videos" USING btree ("parent_id") WHERE "videos"."parent_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "events_terminal_once" ON "events" USING btree ("video_id","type") WHERE "events"."type" in ('video.completed','video.failed');--> statement-breakpoint
CREATE INDEX "events_team" ON "events" USING btree ("team_id","occurred_at");--> statement-breakpoint
CREATE UNIQUE INDEX "webhook_deliveries_once" ON "webhook_deliveries" USING btree ("event_id","endpoint_id") WHERE "webhook_deliveries"."replay_of" is null;--> statement-breakpoint
CREATE INDEX "webhook_deliveries_due" ON "webhook_deliveries" USING btree ("next_attempt_at") WHERE "webhook_deliveries"."next_attempt_at" is not null;--> statement-breakpoint
CREATE INDEX "webhook_endpoints_team" ON "webhook_endpoints" USING btree ("team_id");--> statement-breakpoint
CREATE INDEX "webhook_secrets_endpoint" ON "webhook_secrets" USING btree ("endpoint_id");
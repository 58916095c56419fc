CREATE TABLE "upstream_breakers" (
	"account_id" text NOT NULL,
	"owner" text NOT NULL,
	"verb" text NOT NULL,
	"state" text NOT NULL,
	"until" timestamp with time zone NOT NULL,
	CONSTRAINT "upstream_breakers_account_id_owner_verb_pk" PRIMARY KEY("account_id","owner","verb")
);
--> statement-breakpoint
ALTER TABLE "upstream_breakers" ADD CONSTRAINT "upstream_breakers_account_id_upstream_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."upstream_accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
-- Unused since 0.0.0: no release had it.
ALTER TABLE "upstream_accounts" DROP COLUMN "breaker_state";--> statement-breakpoint
-- Unused since 0.0.0: no release had it.
ALTER TABLE "upstream_accounts" DROP COLUMN "breaker_until";--> statement-breakpoint
-- Unused since 0.0.0: no release had it.
ALTER TABLE "upstream_accounts" DROP COLUMN "breaker_reason";
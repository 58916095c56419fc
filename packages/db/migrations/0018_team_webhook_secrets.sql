ALTER TABLE "webhook_secrets" ALTER COLUMN "endpoint_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "webhook_secrets" ADD COLUMN "team_id" text;--> statement-breakpoint
ALTER TABLE "webhook_secrets" ADD CONSTRAINT "webhook_secrets_team_id_teams_id_fk" FOREIGN KEY ("team_id") REFERENCES "public"."teams"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "webhook_secrets_team" ON "webhook_secrets" USING btree ("team_id") WHERE "webhook_secrets"."team_id" is not null;--> statement-breakpoint
ALTER TABLE "webhook_secrets" ADD CONSTRAINT "webhook_secrets_one_holder" CHECK (num_nonnulls("webhook_secrets"."endpoint_id", "webhook_secrets"."team_id") = 1);
DROP INDEX "prices_current";--> statement-breakpoint
DROP INDEX "videos_team_newest";--> statement-breakpoint
CREATE INDEX "prices_current" ON "prices" USING btree ("model","size","valid_from" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "videos_team_newest" ON "videos" USING btree ("team_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);
DROP INDEX "events_terminal_once";--> statement-breakpoint
ALTER TABLE "teams" ADD COLUMN "last_event_position" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "position" bigint;--> statement-breakpoint
CREATE UNIQUE INDEX "events_once_per_video" ON "events" USING btree ("video_id","type") WHERE "events"."video_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "events_position" ON "events" USING btree ("team_id","position") WHERE "events"."position" is not null;--> statement-breakpoint
CREATE INDEX "events_unnumbered" ON "events" USING btree ("team_id") WHERE "events"."position" is null;
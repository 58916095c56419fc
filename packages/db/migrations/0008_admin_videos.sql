CREATE INDEX "videos_not_done" ON "videos" USING btree ("state","created_at") WHERE "videos"."state" not in ('stored','purged');--> statement-breakpoint
CREATE INDEX "videos_error" ON "videos" USING btree ("error_code","created_at") WHERE "videos"."error_code" is not null;--> statement-breakpoint
CREATE INDEX "videos_root" ON "videos" USING btree ("root_id");--> statement-breakpoint
CREATE INDEX "videos_prompt" ON "videos" USING gin (to_tsvector('simple', "prompt")) WHERE "videos"."state" in ('stored','partly_stored','content_lost','failed','purged');
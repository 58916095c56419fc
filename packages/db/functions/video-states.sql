-- The same edges as packages/core/src/videos/state.ts; a test tries every pair against both.
create or replace function guard_video_state() returns trigger language plpgsql as $$
begin
  if old.state = new.state then
    return new;
  end if;
  if (old.state, new.state) not in (
    ('accepted', 'submitting'), ('accepted', 'failed'),
    ('submitting', 'rendering'), ('submitting', 'accepted'), ('submitting', 'unknown'), ('submitting', 'failed'),
    ('unknown', 'rendering'), ('unknown', 'accepted'), ('unknown', 'failed'),
    ('rendering', 'archiving'), ('rendering', 'failed'),
    ('archiving', 'stored'), ('archiving', 'partly_stored'), ('archiving', 'content_lost'),
    ('failed', 'rendering'), ('content_lost', 'archiving'),
    ('stored', 'purged'), ('partly_stored', 'purged'), ('content_lost', 'purged'), ('failed', 'purged')
  ) then
    raise exception 'a video cannot go from % to %', old.state, new.state using errcode = 'RG409';
  end if;
  new.state_version := old.state_version + 1;
  return new;
end$$;

create or replace trigger videos_state_guard before update on videos for each row execute function guard_video_state();

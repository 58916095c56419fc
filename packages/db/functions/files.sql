-- A video may name files of its own team that are there: this refuses every other (RG404), and notes the use, so that the bytes of
-- a file which is deleted meanwhile stay until no video that names it is still to be sent. The file is locked against its
-- deletion until the video is there.
create or replace function use_files() returns trigger language plpgsql as $$
declare
  named text;
begin
  for named in select i ->> 'fileId' from jsonb_array_elements(new.inputs) i where i ->> 'kind' = 'file' loop
    perform 1 from files f
      where f.id = named and f.team_id = new.team_id and f.state = 'stored'
        and (f.expires_at is null or f.expires_at > clock_timestamp())
        for share;
    if not found then
      raise exception 'a file of this video is not there' using errcode = 'RG404';
    end if;
    insert into file_uses (file_id, video_id) values (named, new.id) on conflict do nothing;
  end loop;
  return null;
end$$;

create or replace trigger videos_use_files after insert on videos for each row
  when (new.inputs @> '[{"kind": "file"}]') execute function use_files();

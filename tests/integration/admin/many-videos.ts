import { applyModels } from '@reelgate/core';
import type { Database } from '@reelgate/db';
import { seedTeam } from '@reelgate/testkit';

/**
 * So many videos of 12 teams over 60 days, of every state, as plain rows without files or reservations. The words of the prompts
 * are from common to rare.
 */
export async function seedManyVideos(
  db: Database,
  count: number,
): Promise<{ teamIds: string[]; keyIds: string[] }> {
  await applyModels(
    { db },
    {
      upstreams: ['north', 'south'].map((name) => ({
        name,
        kind: 'openai',
        baseUrl: 'http://127.0.0.1:9/v1',
      })),
      models: ['sora-2', 'sora-2-pro', 'veo'].map((name, i) => ({
        name,
        upstream: i === 2 ? 'south' : 'north',
        upstreamModel: name,
        seconds: [4, 8],
        sizes: ['1280x720'],
        defaultSeconds: 4,
        defaultSize: '1280x720',
        pricePerSecondMicroUsd: { '1280x720': 100_000n },
      })),
    },
  );
  const teams = [];
  for (let i = 0; i < 12; i++) teams.push(await seedTeam(db, `team ${String(i).padStart(2, '0')}`));
  const teamIds = teams.map(({ teamId }) => teamId);
  const keyIds = teams.map(({ keyId }) => keyId);
  const client = await db.$client.connect();
  try {
    await client.query('begin');
    await client.query('set local statement_timeout = 0');
    await client.query(
      `insert into videos (id, team_id, key_id, operation, model, upstream_account_id, upstream_model, prompt, metadata, full_fp, visible_fp,
         seconds, billed_seconds, size, state, upstream_id, error_code, error_message, root_id, price_id, unit_price_micro, est_micro,
         final_micro, charge, created_at, submitted_at, started_at, completed_at, stored_at, archive_deadline_at)
       select 'video_' || lpad(to_hex(i), 32, '0'), ($1::text[])[1 + i % 12], ($2::text[])[1 + i % 12],
              case when i % 50 = 0 then 'remix' when i % 997 = 0 then 'extend' else 'create' end,
              m.name, m.upstream_account_id, m.upstream_model,
              'a film of a red balloon number ' || i || case when i % 100 = 0 then ' over the harbour' else '' end
                || case when i % 20011 = 7 then ' with a zeppelin' else '' end || repeat(' and again', 12),
              jsonb_build_object('campaign', 'c' || i % 40), md5(i::text), md5(i::text), 4, 4, '1280x720', s.state,
              case when s.state in ('accepted','unknown','failed') then null else 'up_' || i end,
              case when s.state in ('failed','content_lost') then case when i % 3 = 0 then 'moderation_blocked' else 'processing_error' end end,
              case when s.state in ('failed','content_lost') then 'No.' end,
              'video_' || lpad(to_hex(i), 32, '0'), p.id, 100000, 400000 + (i % 1000) * 1000,
              case when s.state in ('stored','partly_stored','content_lost') then 400000 + (i % 1000) * 1000 end,
              case when s.state in ('stored','partly_stored','content_lost') then 'settled' when s.state = 'failed' then 'released' else 'open' end,
              c.at, c.at, c.at, case when s.state in ('stored','partly_stored','content_lost') then c.at + interval '1 minute' end,
              case when s.state in ('stored','partly_stored') then c.at + make_interval(secs => 70 + i % 50) end,
              case when s.state = 'archiving' then clock_timestamp() + make_interval(mins => i % 90) end
         from generate_series(1, $3::int) i
         cross join lateral (select clock_timestamp() - make_interval(secs => i * (60 * 86400.0 / $3)) as at) c
         cross join lateral (select case when i <= 200 then (array['accepted','unknown','rendering','archiving'])[1 + i % 4]
                                         when i % 31 = 0 then 'failed' when i % 5003 = 0 then 'content_lost'
                                         when i % 701 = 0 then 'partly_stored' else 'stored' end as state) s
         join models m on m.name = (array['sora-2','sora-2','sora-2','sora-2-pro','veo'])[1 + i % 5]
         cross join lateral (select id from prices where model = m.name and size = '1280x720' limit 1) p`,
      [teamIds, keyIds, count],
    );
    await client.query('commit');
    await client.query('vacuum analyze videos');
  } finally {
    client.release();
  }
  return { teamIds, keyIds };
}

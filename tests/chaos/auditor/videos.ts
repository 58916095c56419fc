import type { Evidence, Finding, Section } from './evidence.ts';

export interface VideoRow {
  readonly id: string;
  readonly team_id: string;
  readonly state: string;
  readonly upstream_id: string | null;
  readonly error_code: string | null;
  readonly deleted: boolean;
  readonly key: string | null;
  readonly sha256: string | null;
}

export async function readVideos({ database }: Evidence): Promise<VideoRow[]> {
  const { rows } = await database.query<VideoRow>(
    `select v.id, v.team_id, v.state, v.upstream_id, v.error_code, v.delete_requested_at is not null as deleted,
            case when a.state = 'stored' then a.object_key end as key, case when a.state = 'stored' then a.sha256 end as sha256
       from videos v left join assets a on a.video_id = v.id and a.variant = 'video'`,
  );
  return rows;
}

const KEPT = new Set(['stored', 'partly_stored']);

/** I1: whatever the upstream made for us has one row, and what it finished is in our store, bit for bit. */
export async function checkVideos(evidence: Evidence, rows: readonly VideoRow[]): Promise<Section> {
  const findings: Finding[] = [];
  const lost = (id: string, what: string) => void findings.push({ invariant: 'I1', id, what });
  const byUpstreamId = Map.groupBy(
    rows.filter((row) => row.upstream_id !== null),
    (row) => row.upstream_id as string,
  );
  for (const video of evidence.truth) {
    const [row, ...others] = byUpstreamId.get(video.id) ?? [];
    if (!row) {
      lost(video.id, 'the upstream made it and no row knows of it');
      continue;
    }
    if (others.length > 0) lost(video.id, `${others.length + 1} rows believe that it is theirs`);
    const finished = video.status === 'completed' || video.status === 'expired';
    if (finished && !row.deleted && !KEPT.has(row.state)) {
      lost(row.id, `finished upstream, but ${row.state} here (${row.error_code})`);
    }
    if (video.status === 'failed' && !row.deleted && row.state !== 'failed') {
      lost(row.id, `failed upstream, but ${row.state} here`);
    }
    if (!KEPT.has(row.state)) continue;
    const made = video.content.video?.sha256 ?? null;
    if (row.sha256 !== made) lost(row.id, 'its row has not the checksum of what the upstream made');
    const stored = row.key === null ? null : await evidence.objects.sha256(row.key);
    if (stored === null) lost(row.id, 'stored, but there is no such object');
    else if (stored !== made) lost(row.id, 'the stored bytes are not what the upstream made');
  }
  const made = new Set(evidence.truth.map(({ id }) => id));
  for (const id of byUpstreamId.keys())
    if (!made.has(id)) lost(id, 'a row has it, and the upstream never made it');
  return { findings, counts: countBy(rows) };
}

/** I2: what was asked for once is made once. */
export function checkCreates(evidence: Evidence): Section {
  const findings: Finding[] = [];
  const asked = Map.groupBy(evidence.intents, (intent) => intent.promptSha256);
  let twice = 0;
  for (const [prompt, videos] of Map.groupBy(evidence.truth, (video) => video.prompt_sha256)) {
    const intents = asked.get(prompt)?.length ?? 0;
    const extra = videos.length - intents;
    if (extra <= 0) continue;
    twice += extra;
    findings.push({
      invariant: 'I2',
      id: videos.map(({ id }) => id).join(' '),
      what: `asked for ${intents} times, made ${videos.length} times`,
    });
  }
  for (const intent of evidence.intents) {
    if (new Set(intent.answers).size <= 1) continue;
    findings.push({
      invariant: 'I2',
      id: intent.answers.join(' '),
      what: `intent ${intent.no} was answered with different videos`,
    });
  }
  return { findings, counts: { 'paid twice': twice } };
}

function countBy(rows: readonly VideoRow[]): Record<string, number> {
  const counts: Record<string, number> = { videos: rows.length };
  for (const { state } of rows) counts[`videos ${state}`] = (counts[`videos ${state}`] ?? 0) + 1;
  return counts;
}

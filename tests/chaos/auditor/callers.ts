import type { Evidence, Finding, Section } from './evidence.ts';
import type { VideoRow } from './videos.ts';

const RANK: Readonly<Record<string, number>> = { queued: 0, in_progress: 1, completed: 2, failed: 2 };

/** I4 and I6, from what callers saw: only their own, never gone again, never back. */
export function checkCallers(evidence: Evidence, rows: readonly VideoRow[]): Section {
  const findings: Finding[] = [];
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const intent of evidence.intents) {
    for (const id of new Set(intent.answers)) {
      const row = byId.get(id);
      if (!row)
        findings.push({ invariant: 'I6', id, what: 'answered to a caller, and there is no such row' });
      else if (row.team_id !== intent.teamId)
        findings.push({ invariant: 'I4', id, what: `answered to ${intent.teamId}, and is another team's` });
      else if (row.deleted && !intent.deleted)
        findings.push({ invariant: 'I6', id, what: 'gone for its caller, who has not deleted it' });
      if (row && !intent.deleted && intent.finalStatus !== statusOf(row)) {
        findings.push({
          invariant: 'I6',
          id,
          what: `is ${row.state}, and reads as ${intent.finalStatus ?? 'nothing'} in the end`,
        });
      }
      const made = evidence.truth.find((video) => video.id === row?.upstream_id)?.content.video?.sha256;
      if (intent.downloads.some((sha256) => sha256 !== made))
        findings.push({ invariant: 'I4', id, what: 'a download was not what the upstream made for it' });
    }
    const back = wentBack(intent.statuses);
    if (back) findings.push({ invariant: 'I6', id: intent.answers.join(' '), what: `went back: ${back}` });
  }
  return {
    findings,
    counts: { 'intents answered': evidence.intents.filter((each) => each.answers.length > 0).length },
  };
}

function statusOf(row: VideoRow): string | null {
  switch (row.state) {
    case 'stored':
    case 'partly_stored':
      return 'completed';
    case 'failed':
    case 'content_lost':
      return 'failed';
    default:
      return null;
  }
}

/** A failure that turns out to have been none is the one way back: a paid video is never refused. */
function wentBack(statuses: readonly string[]): string | null {
  for (const [index, status] of statuses.entries()) {
    const before = statuses[index - 1];
    if (before === undefined || before === 'failed') continue;
    if ((RANK[status] ?? -1) < (RANK[before] ?? -1)) return `${before} -> ${status}`;
  }
  return null;
}

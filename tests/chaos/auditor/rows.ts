import type { Evidence, Finding, Section } from './evidence.ts';

interface OpenRow {
  readonly id: string;
  readonly state: string;
  readonly due: boolean;
  readonly overdue: boolean;
  readonly quarantined: boolean;
}

/** I7, at rest: nothing is under way any more, nothing was forgotten, nothing is late. */
export async function checkRows(evidence: Evidence): Promise<Section> {
  const findings: Finding[] = [];
  const { rows } = await evidence.database.query<OpenRow>(
    `select id, state, next_action_at is not null or lease_until > clock_timestamp() as due,
            coalesce(next_action_at < clock_timestamp() - interval '60 seconds' and coalesce(lease_until < clock_timestamp(), true), false) as overdue,
            quarantined_at is not null as quarantined
       from videos where state in ('accepted', 'submitting', 'unknown', 'rendering', 'archiving') or next_action_at is not null`,
  );
  const ended = new Set(['stored', 'partly_stored', 'content_lost', 'failed', 'purged']);
  for (const row of rows) {
    const find = (what: string) => void findings.push({ invariant: 'I7', id: row.id, what });
    if (!ended.has(row.state)) find(`is still ${row.state}`);
    else find(`is ${row.state}, and something is still to be done`);
    if (!row.due) find(`is ${row.state}, and nobody will ever look at it`);
    if (row.quarantined) find('is in quarantine');
    if (row.overdue) find(`is ${row.state} and more than a minute overdue`);
  }
  return {
    findings,
    counts: {
      hung: rows.filter((row) => !ended.has(row.state)).length,
      'rows overdue': rows.filter((row) => row.overdue).length,
    },
  };
}

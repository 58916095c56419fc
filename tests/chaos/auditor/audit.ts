/**
 * Holds what the upstream really made and charged against Postgres, the object store, the receivers of webhooks, and what callers
 * were told. It shares no code with what it examines: plain SQL, plain bytes. To be run at rest.
 */
import { checkCallers } from './callers.ts';
import { checkEvents } from './events.ts';
import type { Evidence, Finding } from './evidence.ts';
import { checkMoney } from './money.ts';
import { checkObjects } from './objects.ts';
import { checkRows } from './rows.ts';
import { checkCreates, checkVideos, readVideos } from './videos.ts';

export interface Audit {
  readonly findings: readonly Finding[];
  readonly counts: Readonly<Record<string, number>>;
}

export async function audit(evidence: Evidence): Promise<Audit> {
  const rows = await readVideos(evidence);
  const sections = [
    await checkVideos(evidence, rows),
    checkCreates(evidence),
    await checkMoney(evidence),
    checkCallers(evidence, rows),
    await checkEvents(evidence),
    await checkRows(evidence),
    await checkObjects(evidence),
  ];
  const findings = sections.flatMap((section) => section.findings);
  const counts: Record<string, number> = Object.assign({}, ...sections.map((section) => section.counts));
  return {
    findings,
    counts: {
      lost: findings.filter(({ invariant }) => invariant === 'I1').length,
      ...counts,
      'shown to another team': findings.filter(({ invariant }) => invariant === 'I4').length,
      'events missing or doubled': findings.filter(({ invariant }) => invariant === 'I5').length,
      'answers taken back': findings.filter(({ invariant }) => invariant === 'I6').length,
    },
  };
}

import type { ChaosReport } from './chaos.ts';

const SHOWN_FINDINGS = 40;

/** What a run came to, for people. */
export function describeReport({
  options,
  audit,
  problems,
  creates,
  callersErrors,
  faults,
  restarts,
  times,
}: ChaosReport): string {
  const { findings, counts } = audit;
  const broken = findings
    .slice(0, SHOWN_FINDINGS)
    .map(({ invariant, id, what }) => `  ${invariant}  ${id}: ${what}`);
  if (findings.length > SHOWN_FINDINGS) broken.push(`  and ${findings.length - SHOWN_FINDINGS} more`);
  return [
    '',
    findings.length === 0 ? 'Every invariant holds.' : `${findings.length} findings:`,
    ...broken,
    ...problems.slice(0, SHOWN_FINDINGS).map((problem) => `  ${problem}`),
    table('Audit', counts),
    table('Creates, as callers saw them', creates),
    table('Errors that callers saw', callersErrors),
    table('Faults', { ...faults, 'processes started again': restarts }),
    table('Times', times),
    '',
    `Again: npm run chaos -- --videos ${options.videos} --seed ${options.seed} --store ${options.store} --queue ${options.queue}`,
  ].join('\n');
}

function table(title: string, counts: Readonly<Record<string, number>>): string {
  const names = Object.keys(counts);
  const width = Math.max(0, ...names.map((name) => name.length));
  return ['', title, ...names.map((name) => `  ${name.padEnd(width)}  ${counts[name]}`)].join('\n');
}

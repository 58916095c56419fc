/** The storm, the calm after it, and the audit. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkLedger, describeMismatch } from '@reelgate/core';
import { createDatabase } from '@reelgate/db';
import pg from 'pg';
import { auditStack, untilAtRest } from './at-rest.ts';
import type { Audit } from './auditor/audit.ts';
import { startStorm } from './faults/storm.ts';
import type { Outcome } from './load/caller.ts';
import { runLoad } from './load/load.ts';
import { planWishes } from './load/plan.ts';
import { createRandom } from './random.ts';
import { type ChaosStack, startChaosStack } from './stack/stack.ts';

const MOST_SKEW_MS = 10 * 60_000;

export interface ChaosOptions {
  readonly videos: number;
  readonly seed: number;
  /** The longest that callers go on. */
  readonly minutes: number;
  /** The longest that the storm blows, where that is not as long as callers go on. */
  readonly stormMs?: number;
  /** For data and logs. */
  readonly directory: string;
  readonly store: 'files' | 's3';
  readonly queue: 'redis' | 'postgres';
  /** Wishes at a time. */
  readonly concurrency: number;
  /** Between two faults. */
  readonly everyMs: [low: number, high: number];
  /** Whether some creates hang at the upstream for as long as one may; each takes more than a minute. */
  readonly hangs: boolean;
  readonly log: (line: string) => void;
}

export interface ChaosReport {
  readonly options: Pick<ChaosOptions, 'videos' | 'seed' | 'store'> & { queue: string };
  readonly audit: Audit;
  /** What else is not as it should be: of the processes, or of the run itself. */
  readonly problems: readonly string[];
  readonly creates: Readonly<Record<string, number>>;
  readonly callersErrors: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  readonly restarts: number;
  readonly times: Readonly<Record<string, number>>;
}

export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { videos, seed, log } = options;
  const random = createRandom(seed);
  const clocks = random.fork();
  const wishes = planWishes(random.fork(), { videos, teams: 3, hangs: options.hangs });
  // Each process has a wrong clock of its own, within what an object store's signatures allow.
  const skews = new Map<string, number>();
  const skewOf = (name: string) => {
    const skew = skews.get(name) ?? clocks.between(-MOST_SKEW_MS, MOST_SKEW_MS);
    skews.set(name, skew);
    return skew;
  };
  const startedAt = performance.now();
  const stack = await startChaosStack({
    directory: options.directory,
    store: options.store,
    queue: options.queue,
    // Enough for most of the team's wishes, and not for all.
    lastTeamMicroUsd: BigInt(videos) * 120_000n,
    envOf: (name) => ({ CLOCK_SKEW_MS: String(skewOf(name)) }),
  });
  try {
    const readyAt = performance.now();
    const over = AbortSignal.timeout(options.minutes * 60_000);
    const storm = startStorm(stack, random.fork(), { everyMs: options.everyMs, log });
    const calmer = setTimeout(
      () => void storm.calm().catch(() => {}),
      options.stormMs ?? options.minutes * 60_000,
    );
    let done = 0;
    const outcomes = await runLoad(stack, wishes, {
      concurrency: options.concurrency,
      over,
      onOutcome: () => {
        done++;
        if (done % 100 === 0) log(`${done} of ${videos} videos asked for and followed to their end`);
      },
    });
    clearTimeout(calmer);
    const faults = await storm.calm();
    const calmAt = performance.now();
    log('calm');
    await untilAtRest(stack, log);
    const restAt = performance.now();
    const result = await auditStack(
      stack,
      outcomes.map(({ intent }) => intent),
    );
    return {
      options: { videos, seed, store: options.store, queue: stack.queue },
      audit: result,
      problems: [
        ...(outcomes.length < videos
          ? [`${videos - outcomes.length} of ${videos} videos were never asked for: the time was over`]
          : []),
        ...(await listCrashes(join(options.directory, 'logs'))),
        ...(await listLedgerMismatches(stack)),
      ],
      creates: tally(outcomes.map(({ create }) => create)),
      callersErrors: sum(outcomes.map(({ errors }) => errors)),
      faults,
      restarts: [...stack.gateways, ...stack.workers].reduce((all, member) => all + member.starts() - 1, 0),
      times: {
        'start s': seconds(readyAt - startedAt),
        'asked and followed s': seconds(calmAt - readyAt),
        'to rest s': seconds(restAt - calmAt),
        ...(await resolveTimes(stack)),
        ...createTimes(outcomes),
      },
    };
  } finally {
    await stack.stop();
  }
}

/** From the end of a request whose answer was lost until it was known what came of it. */
async function resolveTimes(stack: ChaosStack): Promise<Record<string, number>> {
  const client = new pg.Client({ connectionString: stack.databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ count: number; p50: number; p99: number }>(
    `select count(*)::int as count,
            percentile_cont(0.5) within group (order by t) as p50, percentile_cont(0.99) within group (order by t) as p99
       from (select extract(epoch from min(e.occurred_at) - s.ended_at)::float8 as t
               from upstream_submissions s join events e on e.video_id = s.video_id and e.type in ('video.in_progress', 'video.rendered', 'video.completed')
              where s.state = 'accepted' and s.error_class is not null group by s.id) as resolved`,
  );
  await client.end();
  const [row] = rows;
  return {
    'answers lost and resolved': row?.count ?? 0,
    'lost answer to seen at work, p50 s': seconds((row?.p50 ?? 0) * 1_000),
    'lost answer to seen at work, p99 s': seconds((row?.p99 ?? 0) * 1_000),
  };
}

/** Processes that ended by an error of their own; those that could not begin because Postgres was away are none of them. */
async function listCrashes(logs: string): Promise<string[]> {
  const crashes: string[] = [];
  for (const file of await readdir(logs)) {
    for (const line of (await readFile(join(logs, file), 'utf8')).split('\n')) {
      if (!line.includes('"event":"process.crashed"')) continue;
      const { error } = JSON.parse(line) as { error?: { name?: string; message?: string; code?: string } };
      crashes.push(
        `${file} crashed: ${[error?.name, error?.code, error?.message].filter(Boolean).join(' ')}`,
      );
    }
  }
  return crashes;
}

/** What the product's own check of the ledger finds, which the auditor knows nothing of. */
async function listLedgerMismatches(stack: ChaosStack): Promise<string[]> {
  const { db, close } = createDatabase(stack.databaseUrl, { applicationName: 'ledger check', max: 1 });
  try {
    return (await checkLedger({ db })).mismatches.map(describeMismatch);
  } finally {
    await close();
  }
}

function createTimes(outcomes: readonly Outcome[]): Record<string, number> {
  const times = outcomes.map(({ createMs }) => createMs).sort((a, b) => a - b);
  const at = (share: number) => seconds(times[Math.floor(times.length * share)] ?? 0);
  return { 'create p50 s': at(0.5), 'create p99 s': at(0.99) };
}

const seconds = (ms: number) => Math.round(ms / 10) / 100;

function tally(names: readonly string[]): Record<string, number> {
  return sum(names.map((name) => ({ [name]: 1 })));
}

function sum(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const counts of all)
    for (const [name, count] of Object.entries(counts)) total[name] = (total[name] ?? 0) + count;
  return total;
}

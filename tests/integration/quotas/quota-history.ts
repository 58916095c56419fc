/** Runs histories of commands against the real thing, and tells what it holds in the words of the model. */
import {
  checkLedger,
  describeMismatch,
  finishReservations,
  type Principal,
  parkReservations,
  setQuota,
  updateOrganization,
} from '@reelgate/core';
import { seedModels, seedTeam, type TestDatabase } from '@reelgate/testkit';
import { expect } from 'vitest';
import { emptyBooks } from './empty-books.ts';
import { emptyModel, type Model, roll, type Window } from './quota-model.ts';
import { type Command, explain, FEW } from './quota-order.ts';
import { accept, videoRow } from './reserve.ts';

/** Every team has two. */
export const KEYS = 6;

export interface History {
  readonly model: Model;
  /** The organization, the teams and the keys, as `kind:id`. */
  readonly scopes: readonly string[];
  /** All at once; then everything must be as after some order of them. */
  run(commands: readonly Command[]): Promise<void>;
  roll(over: 'month' | 'day'): Promise<void>;
}

export async function seedCallers(database: TestDatabase): Promise<Principal[]> {
  await seedModels(database.db);
  const callers: Principal[] = [];
  for (let team = 0; team < KEYS / 2; team++) {
    const first = await seedTeam(database.db);
    const second = await seedTeam(database.db);
    await database.db.$client.query('update api_keys set team_id = $1 where id = $2', [
      first.teamId,
      second.keyId,
    ]);
    callers.push(first, { ...first, keyId: second.keyId });
  }
  return callers;
}

/** Begins with no video and no limit. */
export async function startHistory(database: TestDatabase, callers: readonly Principal[]): Promise<History> {
  const pool = database.db.$client;
  await emptyBooks(pool);
  // Where it is about noon, no real day ends while this runs.
  const { rows } = await pool.query<{ zone: string }>(
    `select 'Etc/GMT' || to_char(extract(hour from now() at time zone 'UTC') - 12, 'SG99') as zone`,
  );
  await updateOrganization(database, { timeZone: rows[0]?.zone.replace(' ', '') ?? '' });
  let model = emptyModel();

  const scopesOf = (key: number) => {
    const caller = callers[key];
    return [`key:${caller?.keyId}`, `team:${caller?.teamId}`, 'org:org'];
  };

  async function execute(command: Command): Promise<string | null> {
    const { db } = database;
    switch (command.do) {
      case 'accept': {
        const caller = callers[command.key];
        if (!caller) throw new Error('there is no such caller');
        return await accept(pool, videoRow(caller, command.amounts, command.video));
      }
      case 'finish': {
        const { actual } = command;
        const amounts = actual && {
          cost: `${actual.cost}`,
          seconds: `${actual.seconds}`,
          videos: `${actual.videos}`,
        };
        await finishReservations(db, command.video, amounts);
        return null;
      }
      case 'park':
        await parkReservations(db, command.video);
        return null;
      case 'delete':
        await pool.query('update videos set delete_requested_at = now(), deleted_at = now() where id = $1', [
          command.video,
        ]);
        return null;
      case 'limit': {
        const [scopeKind, scopeId] = command.scope.split(':') as ['org' | 'team' | 'key', string];
        const { metric, window } = command;
        const hard = command.hard === null ? null : BigInt(command.hard);
        await setQuota(database, { scopeKind, scopeId, metric, window, hard });
        return null;
      }
    }
  }

  async function check(): Promise<void> {
    const { mismatches } = await checkLedger(database);
    expect(mismatches.map(describeMismatch)).toEqual([]);
  }

  return {
    get model() {
      return model;
    },
    scopes: [...new Set(callers.flatMap((_, key) => scopesOf(key)))],

    async run(commands) {
      const outcomes = await Promise.all(
        commands.map(async (command) => ({ command, refusal: await execute(command) })),
      );
      const positions = commands.length <= FEW ? () => null : await ledgerPositions(database, commands);
      const done = outcomes.map((outcome) => ({
        ...outcome,
        position: outcome.refusal === null ? positions(outcome.command) : null,
      }));
      const found = await snapshot(database);
      for (const { limit, hard, reserved, settled, overrun } of found.buckets) {
        expect(Math.min(reserved, settled, overrun), limit).toBeGreaterThanOrEqual(0);
        expect(reserved + settled, limit).toBeLessThanOrEqual((hard ?? Number.POSITIVE_INFINITY) + overrun);
      }
      const target = JSON.stringify(found);
      const after = explain(
        model,
        done,
        scopesOf,
        (candidate) => JSON.stringify(describe(candidate)) === target,
      );
      if (!after) {
        throw new Error(
          `no order of these commands ends here:\n${JSON.stringify({ before: describe(model), done, found }, null, 1)}`,
        );
      }
      model = after;
      await check();
    },

    async roll(over) {
      // The functions read the clock, so that it is the past that moves, and with it the beginning of a month that goes on.
      const days = over === 'month' ? 40 : 2;
      const past = `make_interval(days => ${days})`;
      await pool.query(`update videos set created_at = created_at - ${past}`);
      // In two steps, because no two may meet on the way.
      await pool.query(
        `update quota_buckets b
            set period_start = b.period_start - ${past} + interval '400000 days',
                period_end = case when l."window" = any($1) or b.period_end < clock_timestamp() then b.period_end - ${past} else b.period_end end
           from quota_limits l where l.id = b.limit_id and l."window" <> 'none'`,
        [over === 'month' ? ['month', 'day'] : ['day']],
      );
      await pool.query(
        `update quota_buckets b set period_start = b.period_start - interval '400000 days'
           from quota_limits l where l.id = b.limit_id and l."window" <> 'none'`,
      );
      model = structuredClone(model);
      roll(model, over);
      expect(await snapshot(database)).toEqual(describe(model));
      await check();
    },
  };
}

/**
 * Whoever writes last is the last to let go of what it holds: so the ledger has an order in which they can have come. Changes of
 * limits leave no trace in it. An accepted video without limits leaves none either, and comes first. One that was released can be
 * settled after all, and says so; what has found a video at its end has left nothing, and may have come anywhere.
 */
async function ledgerPositions(database: TestDatabase, commands: readonly Command[]) {
  const videos = commands.flatMap((command) => ('video' in command ? [command.video] : []));
  const { rows } = await database.db.$client.query<{ key: string; position: number }>(
    `select split_part(idem, ':', 1) || ' ' || video_id as key, max(id)::int as position
       from quota_ledger where video_id = any($1) group by 1`,
    [videos],
  );
  const positions = new Map(rows.map((row) => [row.key, row.position]));
  const charges = await database.db.$client.query<{ id: string; charge: string }>(
    'select id, charge from videos where id = any($1)',
    [videos],
  );
  const isAlone = (video: string) =>
    commands.filter((command) => command.do === 'finish' && command.video === video).length === 1;
  const charge = new Map(charges.rows.map((row) => [row.id, row.charge]));
  return (command: Command) => {
    if (command.do === 'limit') return null;
    const at = (kind: string) => positions.get(`${kind} ${command.video}`);
    if (command.do === 'accept') return at('reserve') ?? 0;
    if (command.do !== 'finish') return at('finish') ?? 0;
    if (isAlone(command.video)) return at('late') ?? at('finish') ?? 0;
    const isLate = at('late') !== undefined;
    if (command.actual !== null && isLate) return at('late') ?? null;
    const ended = charge.get(command.video) === 'released' || isLate ? null : 'settled';
    return (command.actual === null) === (ended === null) ? (at('finish') ?? null) : null;
  };
}

interface Snapshot {
  readonly limits: { limit: string; hard: number | null }[];
  readonly buckets: {
    limit: string;
    open: boolean;
    hard: number | null;
    reserved: number;
    settled: number;
    overrun: number;
  }[];
  /** Every video that was accepted, what became of its charge and how much that is, and where its reservations are; `none` where no limit applied. */
  readonly videos: { id: string; charge: string; cost: number; seconds: number; state: string }[];
}

/** Periods of one limit come oldest first. */
async function snapshot(database: TestDatabase): Promise<Snapshot> {
  const pool = database.db.$client;
  const limits = await pool.query<Snapshot['limits'][number]>(
    `select limit_name as limit, hard::int
       from quota_limits, format('%s:%s %s %s', scope_kind, scope_id, metric, "window") as limit_name
      order by limit_name collate "C"`,
  );
  const buckets = await pool.query<Snapshot['buckets'][number]>(
    `select limit_name as limit, b.period_end is null or b.period_end > clock_timestamp() as open, b.hard_limit::int as hard,
            b.reserved::int, b.settled::int, b.overrun_allowed::int as overrun
       from quota_buckets b join quota_limits l on l.id = b.limit_id,
            format('%s:%s %s %s', l.scope_kind, l.scope_id, l.metric, l."window") as limit_name
      order by limit_name collate "C", b.period_start`,
  );
  const videos = await pool.query<Snapshot['videos'][number]>(
    `select v.id, v.charge, coalesce(v.final_micro, v.est_micro)::int as cost, v.billed_seconds as seconds, coalesce(string_agg(distinct r.state, ' and ' order by r.state), 'none') as state
       from videos v left join quota_reservations r on r.video_id = v.id group by v.id order by v.id collate "C"`,
  );
  return { limits: limits.rows, buckets: buckets.rows, videos: videos.rows };
}

function describe(model: Model): Snapshot {
  const buckets = Object.entries(model.buckets).map(([name, { hard, reserved, settled, overrun }]) => {
    const [scope, metric, window, period] = name.split(' ') as [string, string, Window, string];
    const open = Number(period) === model.now[window];
    return {
      period: Number(period),
      bucket: { limit: `${scope} ${metric} ${window}`, open, hard, reserved, settled, overrun },
    };
  });
  buckets.sort((a, b) => compare(a.bucket.limit, b.bucket.limit) || a.period - b.period);
  const videos = Object.entries(model.videos).map(([id, video]) => ({
    id,
    charge: video.charge,
    cost: video.amounts.cost,
    seconds: video.amounts.seconds,
    state: [...new Set(video.holds.map((hold) => hold.state))].sort().join(' and ') || 'none',
  }));
  const limits = Object.entries(model.limits).map(([limit, hard]) => ({ limit, hard }));
  return {
    limits: limits.sort((a, b) => compare(a.limit, b.limit)),
    buckets: buckets.map(({ bucket }) => bucket),
    videos: videos.sort((a, b) => compare(a.id, b.id)),
  };
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

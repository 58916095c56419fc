/** Runs histories of commands against the real thing, and tells what it holds in the words of the model. */
import {
  checkLedger,
  describeMismatch,
  endGrant,
  finishReservations,
  grantMore,
  type Principal,
  parkReservations,
  ReelgateError,
  setQuota,
  updateOrganization,
} from '@reelgate/core';
import { seedModels, seedTeam, type TestDatabase } from '@reelgate/testkit';
import { expect } from 'vitest';
import { emptyBooks } from './empty-books.ts';
import { emptyModel, expire, leak, type Model, parseLimit, roll } from './quota-model.ts';
import { type Command, explain, FEW } from './quota-order.ts';
import { accept, videoRow } from './reserve.ts';

/** What limits for some videos alone select. */
const DEAR_MODEL = 'sora-2-pro';
const LABEL = { campaign: 'spring' };

/** Of a leaky window, in seconds: so long that nothing leaks while a test runs, but what it lets go by itself. */
const SPAN_SECONDS = 100_000_000;

const LIMIT_NAME = `format('%s:%s %s %s %s', l.scope_kind, l.scope_id, l.metric, l."window",
  case when l.model is not null then 'model' when l.tags <> '{}' then 'label' else 'all' end)`;

/** Every team has two. */
export const KEYS = 6;

export interface History {
  readonly model: Model;
  /** The organization, the teams and the keys, as `kind:id`. */
  readonly scopes: readonly string[];
  /** All at once; then everything must be as after some order of them. */
  run(commands: readonly Command[]): Promise<void>;
  roll(over: 'month' | 'day'): Promise<void>;
  /** All grants end by themselves. */
  expire(): Promise<void>;
  /** Every leaky window may let go of so many units. */
  leak(units: number): Promise<void>;
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
  /** By the name that the commands give them. */
  const grantIds = new Map<string, string>();
  const admin = { db: database.db, scope: 'all' } as const;

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
        const { dear, labelled } = command.traits;
        const row = videoRow(caller, command.amounts, command.video);
        return await accept(pool, {
          ...row,
          ...(dear && { model: DEAR_MODEL }),
          ...(labelled && { metadata: { ...LABEL, ticket: '7' } }),
        });
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
        const { metric, window, selector } = command;
        const hard = command.hard === null ? null : BigInt(command.hard);
        await setQuota(database, {
          scopeKind,
          scopeId,
          metric,
          window,
          hard,
          ...(window === 'leaky' && { spanSeconds: SPAN_SECONDS }),
          ...(selector === 'model' && { model: DEAR_MODEL }),
          ...(selector === 'label' && { tags: LABEL }),
        });
        return null;
      }
      case 'grant': {
        const { rows } = await pool.query<{ id: string }>(
          `select l.id from quota_limits l where ${LIMIT_NAME} = $1`,
          [command.limit],
        );
        try {
          const grant = await grantMore(admin, {
            limitId: rows[0]?.id ?? '',
            amount: BigInt(command.amount),
            reason: 'a test',
            endsAt: new Date(Date.now() + 86_400_000),
          });
          grantIds.set(command.name, grant.id);
          return null;
        } catch (error) {
          if (error instanceof ReelgateError && error.code === 'invalid_value') return error.code;
          throw error;
        }
      }
      case 'ungrant':
        await endGrant(admin, grantIds.get(command.name) ?? '');
        return null;
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
      const { rows: over } = await pool.query(
        `select b.* from quota_buckets b
          where b.reserved + b.settled - b.leaked > b.hard_limit + b.granted + b.overrun_allowed
             or least(b.reserved, b.settled, b.overrun_allowed, b.leaked) < 0`,
      );
      expect(over).toEqual([]);
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
           from quota_limits l where l.id = b.limit_id and l."window" in ('day', 'month')`,
        [over === 'month' ? ['month', 'day'] : ['day']],
      );
      await pool.query(
        `update quota_buckets b set period_start = b.period_start - interval '400000 days'
           from quota_limits l where l.id = b.limit_id and l."window" in ('day', 'month')`,
      );
      model = structuredClone(model);
      roll(model, over);
      expect(await snapshot(database)).toEqual(describe(model));
      await check();
    },

    async expire() {
      const past = `clock_timestamp() - interval '1 second'`;
      await pool.query(
        `update quota_grants set ends_at = ${past} where revoked_at is null and ends_at > clock_timestamp()`,
      );
      await pool.query(`update quota_buckets set granted_until = ${past} where granted_until is not null`);
      model = structuredClone(model);
      expire(model);
      expect(await snapshot(database)).toEqual(describe(model));
    },

    async leak(units) {
      await pool.query(
        `update quota_buckets b
            set leaked_at = leaked_at - make_interval(secs => $1::float8 * $2 / b.hard_limit) - interval '1 second'
           from quota_limits l where l.id = b.limit_id and l."window" = 'leaky' and b.hard_limit > 0`,
        [units, SPAN_SECONDS],
      );
      model = structuredClone(model);
      leak(model, units);
      expect(await snapshot(database)).toEqual(describe(model));
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
    if (!('video' in command)) return null;
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
  readonly limits: { limit: string; hard: number | null; granted: number }[];
  readonly buckets: {
    limit: string;
    open: boolean;
    hard: number | null;
    reserved: number;
    settled: number;
    leaked: number;
    /** Null where something was granted: what a grant that has ended leaves behind is put right by the next video. */
    overrun: number | null;
  }[];
  /** Every video that was accepted, what became of its charge and how much that is, and where its reservations are; `none` where no limit applied. */
  readonly videos: { id: string; charge: string; cost: number; seconds: number; state: string }[];
}

/** Periods of one limit come oldest first. */
async function snapshot(database: TestDatabase): Promise<Snapshot> {
  const pool = database.db.$client;
  const limits = await pool.query<Snapshot['limits'][number]>(
    `select ${LIMIT_NAME} as limit, hard::int, coalesce(g.amount, 0)::int as granted
       from quota_limits l
       left join (select limit_id, sum(amount) as amount from quota_grants
                   where revoked_at is null and ends_at > clock_timestamp() group by 1) g on g.limit_id = l.id
      order by ${LIMIT_NAME} collate "C"`,
  );
  const buckets = await pool.query<Snapshot['buckets'][number]>(
    `select ${LIMIT_NAME} as limit, b.period_end is null or b.period_end > clock_timestamp() as open, b.hard_limit::int as hard,
            b.reserved::int, b.settled::int, b.leaked::int,
            case when not exists (select from quota_grants g where g.limit_id = l.id) then b.overrun_allowed end::int as overrun
       from quota_buckets b join quota_limits l on l.id = b.limit_id
      order by ${LIMIT_NAME} collate "C", b.period_start`,
  );
  const videos = await pool.query<Snapshot['videos'][number]>(
    `select v.id, v.charge, coalesce(v.final_micro, v.est_micro)::int as cost, v.billed_seconds as seconds, coalesce(string_agg(distinct r.state, ' and ' order by r.state), 'none') as state
       from videos v left join quota_reservations r on r.video_id = v.id group by v.id order by v.id collate "C"`,
  );
  return { limits: limits.rows, buckets: buckets.rows, videos: videos.rows };
}

function describe(model: Model): Snapshot {
  const buckets = Object.entries(model.buckets).map(([name, bucket]) => {
    const { hard, reserved, settled, leaked, overrun } = bucket;
    const limit = name.slice(0, name.lastIndexOf(' '));
    const period = Number(name.slice(limit.length));
    const open = period === model.now[parseLimit(limit).window];
    return {
      period,
      bucket: {
        limit,
        open,
        hard,
        reserved,
        settled,
        leaked,
        overrun: model.grants[limit] === undefined ? overrun : null,
      },
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
  const limits = Object.entries(model.limits).map(([limit, hard]) => ({
    limit,
    hard,
    granted: (model.grants[limit] ?? []).reduce((sum, one) => sum + (one.ended ? 0 : one.amount), 0),
  }));
  return {
    limits: limits.sort((a, b) => compare(a.limit, b.limit)),
    buckets: buckets.map(({ bucket }) => bucket),
    videos: videos.sort((a, b) => compare(a.id, b.id)),
  };
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

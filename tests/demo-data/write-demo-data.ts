import { createUser } from '@reelgate/core';
import { createDatabase } from '@reelgate/db';
import { hashPassword } from '@reelgate/identity';
import pg from 'pg';
import {
  ALERTS,
  BUCKETS,
  GRANTS,
  LEDGER,
  LIMITS,
  ORPHANS,
  REQUESTS,
  RESERVATIONS,
  ROOM,
} from './books-sql.ts';
import { ATTEMPTS, AUDIT, DELIVERIES, ENDPOINTS, EVENTS, LAST_DELIVERED } from './deliveries-sql.ts';
import type { DemoStore } from './demo-store.ts';
import { type Film, renderFilms } from './films.ts';
import { DEMO_CAMPAIGNS, DEMO_KEYS, DEMO_PEOPLE, DEMO_STYLES, DEMO_SUBJECTS, DEMO_TEAMS } from './teams.ts';
import {
  ASSETS,
  FILMS,
  LINEAGE,
  randomFunctions,
  STORED_OBJECTS,
  SUBMISSIONS,
  TEAMS,
  VIDEOS,
} from './videos-sql.ts';

export interface DemoData {
  readonly videos: number;
  /** The same number makes the same data, but for the clock. */
  readonly seed: number;
  readonly days: number;
  /** Of every person of the demonstration. */
  readonly password: string;
  /** Where files go; without one no video has any. */
  readonly store: DemoStore | null;
  /** Of how many of the newest videos there are files; the store knows best. */
  readonly filesOf?: number | undefined;
}

export interface DemoPerson {
  readonly email: string;
  readonly role: 'admin' | 'manager' | 'member';
  readonly teams: readonly string[];
}

/** Of how many days the deliveries are written. */
const DELIVERY_DAYS = 4;

export const demoPeople: readonly DemoPerson[] = DEMO_PEOPLE.map(({ name, role, teams }) => ({
  email: `${name
    .normalize('NFD')
    .replaceAll(/[^A-Za-z ]/g, '')
    .toLowerCase()
    .replace(' ', '.')}@example.com`,
  role,
  teams,
}));

/**
 * Fills an empty deployment with a believable month: teams, keys, people, limits, videos, and the books that follow from them.
 * Everything that the ledger check compares agrees. Throws where there is a team of one of these names.
 */
export async function writeDemoData(databaseUrl: string, options: DemoData): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, statement_timeout: 0 });
  await client.connect();
  try {
    const teams = JSON.stringify(DEMO_TEAMS.map((team, index) => ({ ...team, no: index + 1 })));
    const { rows } = await client.query(
      `select name from teams where name in (select name from jsonb_to_recordset($1::jsonb) as t (name text))`,
      [teams],
    );
    if (rows.length > 0) throw new Error(`The demonstration is there already: team ${rows[0].name}.`);
    await client.query('begin');
    await client.query(randomFunctions(options.seed));
    await client.query(
      `insert into organizations (id, name) values ('org', 'Organization') on conflict do nothing`,
    );
    await client.query(TEAMS, [teams, DEMO_KEYS]);
    await client.query(VIDEOS, [
      ...[teams, options.videos, options.days],
      ...[DEMO_SUBJECTS, DEMO_STYLES, DEMO_CAMPAIGNS],
    ]);
    await client.query('analyze videos');
    for (const statement of LINEAGE) await client.query(statement);
    await client.query(SUBMISSIONS);
    await writeFiles(client, options);
    await client.query(LIMITS, [teams]);
    for (const statement of [BUCKETS, RESERVATIONS, LEDGER, ALERTS, GRANTS, ROOM, REQUESTS, ORPHANS])
      await client.query(statement);
    await client.query(ENDPOINTS, [teams]);
    await client.query(EVENTS, [DELIVERY_DAYS]);
    for (const statement of [DELIVERIES, ATTEMPTS, LAST_DELIVERED]) await client.query(statement);
    await writeAudit(client);
    await client.query('commit');
    await client.query('analyze');
  } finally {
    await client.end();
  }
  await addPeople(databaseUrl, options.password);
}

/** Bytes first, then the rows that speak of them, as everywhere. */
async function writeFiles(client: pg.Client, { store, filesOf }: DemoData): Promise<void> {
  const newest = store ? (filesOf ?? store.newest) : 0;
  await client.query(FILMS, [DEMO_SUBJECTS]);
  const { rows: films } = await client.query<Film>(
    'select distinct subject, seconds, upright from demo_films where newest <= $1 order by 1, 2, 3',
    [newest],
  );
  const files = await renderFilms(films);
  await client.query(ASSETS, [
    JSON.stringify(files.map(({ data: _, ...file }) => file)),
    store?.bucket ?? null,
    newest,
  ]);
  // Nobody sees a row before the commit, which comes after the files.
  const { rows: objects } = await client.query<{ key: string; sha256: string }>(STORED_OBJECTS);
  await store?.place(objects, files);
}

async function writeAudit(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ entry: unknown }>(`
    select jsonb_build_object('at', t.created_at + interval '3 minutes', 'actor_kind', 'cli', 'actor_id', 'cli', 'actor_name', 'command line',
             'action', 'team.create', 'target', t.id, 'team_id', t.id, 'after', jsonb_build_object('name', t.name)) as entry
      from teams t where t.id in (select id from demo_teams)
    union all
    select jsonb_build_object('at', k.created_at, 'actor_kind', 'user', 'actor_id', 'user_demo', 'actor_name', 'ada.okafor@example.com', 'ip', '10.20.0.14',
             'action', 'key.create', 'target', k.id, 'team_id', k.team_id, 'after', jsonb_build_object('name', k.name, 'prefix', k.prefix),
             'request_id', 'req_' || md5(k.id))
      from api_keys k where k.team_id in (select id from demo_teams)
    union all
    select jsonb_build_object('at', now() - interval '26 days' + (row_number() over (order by l.id)) * interval '31 hours', 'actor_kind', 'user', 'actor_id', 'user_demo',
             'actor_name', 'ada.okafor@example.com', 'ip', '10.20.0.14', 'action', 'quota.update', 'target', l.id, 'team_id', nullif(l.scope_id, 'org'),
             'before', jsonb_build_object('hard', (l.hard * 0.8)::bigint::text), 'after', jsonb_build_object('hard', l.hard::text),
             'reason', 'Budget round for this quarter', 'request_id', 'req_' || md5(l.id))
      from quota_limits l where l.updated_by = 'demo-data' and l.metric = 'cost'`);
  const entries = rows
    .map(({ entry }) => entry as { at: string })
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  await client.query(`select set_config('demo.audit', $1, true)`, [JSON.stringify(entries)]);
  await client.query(AUDIT);
}

async function addPeople(databaseUrl: string, password: string): Promise<void> {
  const { db, close } = createDatabase(databaseUrl, { applicationName: 'reelgate-demo-data', max: 2 });
  try {
    const { rows } = await db.$client.query<{ id: string; name: string }>('select id, name from teams');
    const passwordHash = await hashPassword(password);
    for (const [index, { email, role, teams }] of demoPeople.entries()) {
      await createUser(
        { db },
        {
          ...{ email, role, passwordHash },
          name: DEMO_PEOPLE[index]?.name ?? email,
          teamIds: rows.filter(({ name }) => teams.includes(name)).map(({ id }) => id),
        },
      );
    }
  } finally {
    await close();
  }
}

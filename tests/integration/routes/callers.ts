/** Everybody who must not get in, and two teams that must not see each other. */
import {
  createKey,
  createSecretBox,
  createUser,
  createWebhookEndpoint,
  revokeKey,
  setQuota,
} from '@reelgate/core';
import { hashPassword } from '@reelgate/identity';
import { costQuota, PEPPER, type Stack, type Team } from '../gateway/gateway-process.ts';

export interface World {
  readonly mine: Team;
  readonly other: Team;
  /** By what is wrong with them: headers that must be answered with 401. */
  readonly strangers: { readonly team: Strangers; readonly admin: Strangers };
  /** A key of the team for each scope, with that one alone. */
  readonly scoped: ReadonlyMap<string, string>;
  readonly admin: string;
  /** For the other team. */
  readonly manager: string;
  readonly member: string;
  /** The cookie of an admin who has signed in. */
  readonly cookie: string;
  /** Ids of things of `mine`, and of things that there are none of, by the names of parameters. */
  readonly ids: Readonly<Record<string, string>>;
  readonly nobodys: Readonly<Record<string, string>>;
}

/** Where browsers reach the gateway: its PUBLIC_URL. */
export const OUR_ORIGIN = 'http://localhost:8080';

type Strangers = readonly (readonly [name: string, headers: Record<string, string>])[];

const SCOPES = ['videos:read', 'videos:write', 'characters', 'files', 'usage:read', 'webhooks'] as const;
const PASSWORD = 'correct-horse-battery-staple';

export async function createWorld(stack: Stack): Promise<World> {
  const { db } = stack.database;
  const ctx = { db, pepper: PEPPER };
  const mine = await stack.addTeam(50_000_000n);
  const other = await stack.addTeam(50_000_000n);
  await setQuota({ db }, { ...costQuota(mine.teamId, 9_000_000n), window: 'day' });
  const video = (await stack.create(mine)).json.id as string;
  await createWebhookEndpoint(
    { db, secretBox: createSecretBox(Buffer.alloc(32, 7)), webhooks: { refusal: async () => null } },
    { teamId: mine.teamId, url: 'https://mine.example/hooks' },
  );

  const headers = (secret: string) => ({ authorization: `Bearer ${secret}` });
  const spoiled = async (teamId: string | null, spoil: 'revoked' | 'expired') => {
    const key = await createKey(ctx, { teamId, name: spoil });
    if (spoil === 'revoked') await revokeKey({ db, scope: teamId === null ? 'deployment' : 'all' }, key.id);
    else
      await db.$client.query("update api_keys set expires_at = now() - interval '1 hour' where id = $1", [
        key.id,
      ]);
    return headers(key.secret);
  };
  const admin = await stack.addAdmin();
  const outside: Strangers = [
    ['no key', {}],
    ['a malformed key', headers('rg_live_nonsense')],
    [
      'a key with another checksum',
      headers(admin.secret.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'))),
    ],
    ['Basic', { authorization: `Basic ${Buffer.from(`${mine.secret}:`).toString('base64')}` }],
    ['two keys', { ...headers(mine.secret), 'api-key': mine.secret }],
  ];
  const scoped = new Map<string, string>();
  for (const scope of SCOPES) {
    const key = await createKey(ctx, { teamId: mine.teamId, name: scope, scopes: [scope] });
    scoped.set(scope, key.secret);
  }
  const cookie = await signIn(stack);
  return {
    mine,
    other,
    strangers: {
      team: [
        ...outside,
        ['a revoked key', await spoiled(mine.teamId, 'revoked')],
        ['an expired key', await spoiled(mine.teamId, 'expired')],
        ['an admin key', headers(admin.secret)],
        ['the cookie of an admin', { cookie }],
      ],
      admin: [
        ...outside,
        ['a revoked key', await spoiled(null, 'revoked')],
        ['an expired key', await spoiled(null, 'expired')],
        ["a team's key", headers(mine.secret)],
        ['a cookie that nobody signed', { cookie: 'better-auth.session_token=abc.def' }],
      ],
    },
    scoped,
    admin: admin.secret,
    manager: (await stack.addAdmin('manager', [other.teamId])).secret,
    member: (await stack.addAdmin('member', [other.teamId])).secret,
    cookie,
    ids: await idsOf(stack, mine, video),
    nobodys: NOBODYS,
  };
}

async function signIn(stack: Stack): Promise<string> {
  const { db } = stack.database;
  const email = 'admin@example.com';
  const passwordHash = await hashPassword(PASSWORD);
  await createUser({ db }, { email, name: 'Admin', role: 'admin', teamIds: [], passwordHash });
  const answer = await stack.ask(null, 'POST', '/auth/sign-in', {
    json: { email, password: PASSWORD },
    headers: { origin: OUR_ORIGIN, 'sec-fetch-site': 'same-origin' },
  });
  if (answer.status >= 300) throw new Error(`nobody can sign in: ${answer.text}`);
  return [answer.headers['set-cookie'] ?? []]
    .flat()
    .map((line) => line.split(';', 1)[0])
    .join('; ');
}

const NONE = '0'.repeat(32);

const NOBODYS: Readonly<Record<string, string>> = {
  team_id: `team_${NONE}`,
  scope_id: `team_${NONE}`,
  video_id: `video_${NONE}`,
  character_id: `char_${NONE}`,
  file_id: `file-${NONE}`,
  key_id: `key_${NONE}`,
  admin_key_id: `key_${NONE}`,
  quota_id: `quota_${NONE}`,
  grant_id: `grant_${NONE}`,
  budget_request_id: `breq_${NONE}`,
  endpoint_id: `whe_${NONE}`,
  webhook_endpoint_id: `whe_${NONE}`,
  event_id: `evt_${NONE}`,
  delivery_id: `dlv_${NONE}`,
  user_id: `user_${NONE}`,
  share_link_id: `share_${NONE}`,
  orphan_id: `orph_${NONE}`,
  upstream_id: 'nowhere',
  model: 'none',
};

/** Things of the team, as far as it has any. */
async function idsOf(stack: Stack, mine: Team, video: string): Promise<Record<string, string>> {
  const first = async (sql: string) =>
    (await stack.database.db.$client.query(sql, [mine.teamId])).rows[0]?.id;
  const endpoint = await first('select id from webhook_endpoints where team_id = $1 limit 1');
  const [event] = (
    await stack.database.db.$client.query<{ id: string; delivery_id: string }>(
      `select event_id as id, delivery_ids[1] as delivery_id from emit_event($1, 'video.failed', null, '{"id":"video_1"}')`,
      [mine.teamId],
    )
  ).rows;
  return {
    ...NOBODYS,
    team_id: mine.teamId,
    scope_id: mine.teamId,
    video_id: video,
    key_id: mine.keyId,
    quota_id: await first('select id from quota_limits where scope_id = $1 and "window" = \'day\' limit 1'),
    ...(endpoint && { endpoint_id: endpoint, webhook_endpoint_id: endpoint }),
    event_id: event?.id ?? '',
    delivery_id: event?.delivery_id ?? '',
  };
}

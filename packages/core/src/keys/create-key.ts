import { type Database, newId, type Queryable, transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import { type Actor, type AdminRole, SYSTEM_ACTOR, type TeamScope } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { generateKey, type KeyKind } from './key-format.ts';
import { checkSettings, type GivenSettings, settingsOf } from './key-settings.ts';
import { readPeppers } from './peppers.ts';
import { type ApiKeyRow, insertKey, listTeamIds } from './queries.ts';

/** A key with its secret, which is in this answer and nowhere else, ever. */
export type KeyWithSecret = ApiKeyRow & { readonly secret: string };

/**
 * Makes an API key, of a team or (`teamId` null) of the deployment. Throws `invalid_value`, and `team_not_found` where the scope
 * does not have the team.
 */
export async function createKey(
  ctx: { db: Database; pepper: string; scope?: TeamScope; actor?: Actor },
  input: GivenSettings & {
    teamId: string | null;
    name: string;
    kind?: KeyKind;
    /** Of an admin key: less than everything, and the teams that a manager or member has. */
    role?: AdminRole;
    roleTeamIds?: readonly string[];
  },
): Promise<KeyWithSecret> {
  const {
    teamId,
    kind = teamId === null ? 'admin' : 'live',
    role = 'admin',
    roleTeamIds = [],
    ...settings
  } = input;
  const { scope = 'all', actor = SYSTEM_ACTOR } = ctx;
  if ((kind === 'admin') !== (teamId === null)) {
    throw new ReelgateError(
      'invalid_value',
      'An admin key belongs to no team, and every other key belongs to one.',
      { param: 'kind' },
    );
  }
  await checkSettings(ctx.db, settings);
  const { secret, prefix } = generateKey(kind);
  const { newest, hash } = readPeppers(ctx.pepper);
  return await transaction(ctx.db, async (tx) => {
    await requireTeams(tx, scope, teamId === null ? roleTeamIds : [teamId]);
    const row = await insertKey(tx, teamId, {
      id: newId('apiKey'),
      kind,
      ...(kind === 'admin' && { role, roleTeamIds: [...roleTeamIds] }),
      name: settings.name,
      scopes: settings.scopes ? [...settings.scopes] : null,
      models: settings.models ? [...settings.models] : null,
      requestsPerMinute: settings.requestsPerMinute ?? null,
      expiresAt: settings.expiresAt ?? null,
      prefix,
      hash: hash(secret, newest) ?? '',
      pepperVersion: newest,
      createdBy: `${actor.kind}:${actor.id}`,
    });
    await recordAudit(tx, actor, {
      action: 'key.create',
      target: row.id,
      teamId,
      after: { ...settingsOf(row), kind, prefix, ...(kind === 'admin' && { role, roleTeamIds }) },
    });
    return { ...row, secret };
  });
}

async function requireTeams(tx: Queryable, scope: TeamScope, ids: readonly string[]): Promise<void> {
  const found = await listTeamIds(tx, scope, ids);
  const missing = ids.find((id) => !found.includes(id));
  if (missing === undefined) return;
  throw new ReelgateError('team_not_found', `Team with id '${missing.slice(0, 80)}' not found.`, {
    param: 'team_id',
  });
}

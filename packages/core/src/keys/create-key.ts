import { type Database, newId } from '@reelgate/db';
import type { AdminRole } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { generateKey, type KeyKind } from './key-format.ts';
import { checkSettings, type KeySettings } from './key-settings.ts';
import { readPeppers } from './peppers.ts';
import { type ApiKeyRow, insertKey } from './queries.ts';

/** A key with its secret, which is in this answer and nowhere else, ever. */
export type KeyWithSecret = ApiKeyRow & { readonly secret: string };

/** Makes an API key, of a team or (`teamId` null) of the deployment. Throws `invalid_value`. */
export async function createKey(
  ctx: { db: Database; pepper: string },
  input: Partial<KeySettings> & {
    teamId: string | null;
    name: string;
    kind?: KeyKind;
    /** Of an admin key: less than everything, and the teams that a manager or member has. */
    role?: AdminRole;
    roleTeamIds?: readonly string[];
    createdBy?: string;
  },
): Promise<KeyWithSecret> {
  const {
    teamId,
    kind = teamId === null ? 'admin' : 'live',
    role,
    roleTeamIds,
    createdBy,
    ...settings
  } = input;
  if ((kind === 'admin') !== (teamId === null)) {
    throw new ReelgateError(
      'invalid_value',
      'An admin key belongs to no team, and every other key belongs to one.',
      {
        param: 'kind',
      },
    );
  }
  await checkSettings(ctx.db, settings);
  const { secret, prefix } = generateKey(kind);
  const { newest, hash } = readPeppers(ctx.pepper);
  const { scopes = null, models = null, ...rest } = settings;
  const row = await insertKey(ctx.db, teamId, {
    ...rest,
    id: newId('apiKey'),
    kind,
    ...(kind === 'admin' && { role: role ?? 'admin', roleTeamIds: [...(roleTeamIds ?? [])] }),
    scopes: scopes && [...scopes],
    models: models && [...models],
    prefix,
    hash: hash(secret, newest) ?? '',
    pepperVersion: newest,
    createdBy: createdBy ?? null,
  });
  return { ...row, secret };
}

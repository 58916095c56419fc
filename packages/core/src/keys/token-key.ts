import { createHash } from 'node:crypto';
import { type Database, transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import { SYSTEM_ACTOR } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import type { VerifiedToken } from '../ports/index.ts';
import { generateKey } from './key-format.ts';
import type { Peppers } from './peppers.ts';
import { findAnyPrefix, findAnyTeamByName, insertKeyOnce } from './queries.ts';

const MAX_NAME = 100;

/**
 * The public part of the key that stands for a person of the company's sign-in in a team. It is made when the person first comes,
 * and nobody has its secret; so limits, models, quotas, usage and revoking work for people as they do for keys.
 * Throws `invalid_api_key` where the token names no team of ours.
 */
export async function tokenKeyPrefix(
  deps: { db: Database; peppers: Peppers },
  { issuer, subject, team }: VerifiedToken,
): Promise<string> {
  const { db, peppers } = deps;
  if (team === null) throw noTeam('Your token names no team.');
  const teamId = await findAnyTeamByName(db, team);
  if (teamId === null) throw noTeam(`Your token names the team '${team.slice(0, 100)}', which there is not.`);
  const identity = JSON.stringify([issuer, subject, teamId]);
  const id = `key_${createHash('sha256').update(identity).digest('hex').slice(0, 32)}`;
  const known = await findAnyPrefix(db, id);
  if (known !== null) return known;
  const { secret, prefix } = generateKey('live');
  await transaction(db, async (tx) => {
    const made = await insertKeyOnce(tx, teamId, {
      id,
      name: `sso: ${subject}`.slice(0, MAX_NAME),
      prefix,
      hash: peppers.hash(secret, peppers.newest) ?? '',
      pepperVersion: peppers.newest,
      createdBy: 'sso',
    });
    if (!made) return;
    await recordAudit(tx, SYSTEM_ACTOR, {
      action: 'key.create',
      target: id,
      teamId,
      after: { sso: subject },
    });
  });
  // Somebody else may have been faster.
  return (await findAnyPrefix(db, id)) ?? prefix;
}

function noTeam(what: string): ReelgateError {
  return new ReelgateError('invalid_api_key', `${what} Ask an administrator of Reelgate.`);
}

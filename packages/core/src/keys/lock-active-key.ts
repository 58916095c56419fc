import type { Queryable } from '@reelgate/db';
import { checkVersion, ReelgateError } from '../errors.ts';
import { keyNotFound } from './get-key.ts';
import { type ApiKeyRow, type KeyScope, lockKey } from './queries.ts';

/** A key to be changed. Throws `key_not_found`, `version_conflict`, and `invalid_value` for one that is revoked. */
export async function lockActiveKey(
  tx: Queryable,
  scope: KeyScope,
  id: string,
  version?: number,
): Promise<ApiKeyRow> {
  const key = await lockKey(tx, scope, id);
  if (!key) throw keyNotFound(id);
  checkVersion(key.version, version);
  if (key.state === 'active') return key;
  throw new ReelgateError(
    'invalid_value',
    `API key '${id}' has been revoked, which is for good. Create a new one.`,
    { param: 'key_id' },
  );
}

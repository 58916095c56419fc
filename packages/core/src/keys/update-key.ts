import { type Database, transaction } from '@reelgate/db';
import { recordAudit } from '../audit/index.ts';
import { type Actor, SYSTEM_ACTOR } from '../context.ts';
import { checkSettings, type GivenSettings, settingsOf } from './key-settings.ts';
import { lockActiveKey } from './lock-active-key.ts';
import { changeLockedKey, type KeyScope } from './queries.ts';

/** Changes what is given, in force at once on every gateway. Throws `key_not_found`, `version_conflict` and `invalid_value`. */
export async function updateKey(
  ctx: { db: Database; scope: KeyScope; actor?: Actor },
  id: string,
  { version, ...changes }: GivenSettings & { readonly version?: number | undefined },
): Promise<void> {
  await checkSettings(ctx.db, changes);
  const { name, scopes, models, requestsPerMinute, expiresAt } = changes;
  await transaction(ctx.db, async (tx) => {
    const before = await lockActiveKey(tx, ctx.scope, id, version);
    const after = await changeLockedKey(tx, id, {
      ...(name !== undefined && { name }),
      ...(scopes !== undefined && { scopes: scopes && [...scopes] }),
      ...(models !== undefined && { models: models && [...models] }),
      ...(requestsPerMinute !== undefined && { requestsPerMinute }),
      ...(expiresAt !== undefined && { expiresAt }),
    });
    await recordAudit(tx, ctx.actor ?? SYSTEM_ACTOR, {
      action: 'key.update',
      target: id,
      teamId: before.teamId,
      before: settingsOf(before),
      after: settingsOf(after),
    });
  });
}

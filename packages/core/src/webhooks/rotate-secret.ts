import { transaction } from '@reelgate/db';
import { ReelgateError } from '../errors.ts';
import { auditChange } from './audit-change.ts';
import type { EndpointWithSecret } from './create-endpoint.ts';
import { endpointNotFound } from './get-endpoint.ts';
import {
  type EndpointOwner,
  findEndpoint,
  insertSecret,
  listAnySecrets,
  lockEndpoint,
  retireAnySecrets,
  touchAnyEndpoint,
} from './queries/index.ts';
import { hintOf, newSigningSecret } from './signing-secret.ts';
import type { WebhookContext } from './webhook-context.ts';

const OVERLAP_HOURS = 24;
const MAX_LIVING_SECRETS = 5;

/**
 * Gives an endpoint a new signing secret. With `keepOld` the ones before sign along for 24 hours; without it they die now.
 * Throws `webhook_endpoint_not_found`, and `invalid_value` where there would be more than five living ones.
 */
export async function rotateWebhookSecret(
  ctx: Pick<WebhookContext, 'db' | 'secretBox' | 'actor'>,
  owner: EndpointOwner,
  id: string,
  { keepOld }: { readonly keepOld: boolean },
): Promise<EndpointWithSecret> {
  const secret = newSigningSecret();
  return await transaction(ctx.db, async (tx) => {
    if (!(await lockEndpoint(tx, owner, id))) throw endpointNotFound(id);
    await retireAnySecrets(tx, id, keepOld ? OVERLAP_HOURS : 0);
    if ((await listAnySecrets(tx, id)).length >= MAX_LIVING_SECRETS) {
      throw new ReelgateError(
        'invalid_value',
        `This endpoint has ${MAX_LIVING_SECRETS} living secrets. Wait until one of them is over, or rotate without keeping the old ones.`,
        { param: 'keep_old_secret_active_for_24_hours' },
      );
    }
    await insertSecret(tx, id, { encrypted: ctx.secretBox.seal(secret), hint: hintOf(secret) });
    await touchAnyEndpoint(tx, id);
    const row = await findEndpoint(tx, owner, id);
    if (!row) throw endpointNotFound(id);
    await auditChange(tx, ctx.actor, 'rotate_secret', { id, owner }, { detail: { keepOld } });
    return { ...row, secret };
  });
}

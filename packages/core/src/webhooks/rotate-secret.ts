import { type Queryable, transaction } from '@reelgate/db';
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
  type SecretHolder,
  touchAnyEndpoint,
} from './queries/index.ts';
import { hintOf, newSigningSecret } from './signing-secret.ts';
import type { WebhookContext } from './webhook-context.ts';

const OVERLAP_HOURS = 24;
const MAX_LIVING_SECRETS = 5;

/**
 * Gives an endpoint a new signing secret. With `keepOld` the ones before sign along for 24 hours; without it they die now.
 * Throws `webhook_endpoint_not_found`, and `invalid_value` where there would be more than five living ones, or where it is the team's
 * secret that signs.
 */
export async function rotateWebhookSecret(
  ctx: Pick<WebhookContext, 'db' | 'secretBox' | 'actor'>,
  owner: EndpointOwner,
  id: string,
  { keepOld }: { readonly keepOld: boolean },
): Promise<EndpointWithSecret> {
  return await transaction(ctx.db, async (tx) => {
    const endpoint = (await lockEndpoint(tx, owner, id)) ? await findEndpoint(tx, owner, id) : null;
    if (!endpoint) throw endpointNotFound(id);
    if (endpoint.kind === 'video') {
      throw new ReelgateError(
        'invalid_value',
        "What single videos' webhook URLs are told is signed with their team's secret. An administrator rotates that one.",
      );
    }
    const secret = await replaceSecret(ctx, tx, { endpointId: id }, keepOld);
    await touchAnyEndpoint(tx, id);
    const row = await findEndpoint(tx, owner, id);
    if (!row) throw endpointNotFound(id);
    await auditChange(tx, ctx.actor, 'rotate_secret', { id, owner }, { detail: { keepOld } });
    return { ...row, secret };
  });
}

/** Resolves to the new secret. The caller holds a lock on the holder. */
export async function replaceSecret(
  ctx: Pick<WebhookContext, 'secretBox'>,
  tx: Queryable,
  holder: SecretHolder,
  keepOld: boolean,
): Promise<string> {
  await retireAnySecrets(tx, holder, keepOld ? OVERLAP_HOURS : 0);
  if ((await listAnySecrets(tx, holder)).length >= MAX_LIVING_SECRETS) {
    throw new ReelgateError(
      'invalid_value',
      `There are ${MAX_LIVING_SECRETS} living secrets. Wait until one of them is over, or rotate without keeping the old ones.`,
      { param: 'keep_old_secret_active_for_24_hours' },
    );
  }
  const secret = newSigningSecret();
  await insertSecret(tx, holder, { encrypted: ctx.secretBox.seal(secret), hint: hintOf(secret) });
  return secret;
}

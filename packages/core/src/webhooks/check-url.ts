import { ReelgateError } from '../errors.ts';
import type { WebhookTransport } from '../ports/index.ts';

/** Throws `invalid_value` for a URL that may not be used, also where its name leads to an address that may not be reached. */
export async function checkWebhookUrl(
  ctx: { readonly webhooks: Pick<WebhookTransport, 'refusal'> },
  url: string,
  param: string,
): Promise<void> {
  const refusal = await ctx.webhooks.refusal(url);
  if (refusal)
    throw new ReelgateError('invalid_value', `This webhook URL cannot be used: ${refusal}.`, { param });
}

import { DEFAULT_EVENT_TYPES } from '@reelgate/contract';
import { newId } from '@reelgate/db';
import type { CallerContext } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { isAllowedWebhookHost } from '../teams/index.ts';
import { checkWebhookUrl } from './check-url.ts';
import { findVideoWebhookPolicy } from './queries/index.ts';

/** Hosts, with scheme and port, that the videos of one team may have named. */
const MAX_ORIGINS = 100;
const PARAM = 'webhook_url';

/** What a video's row is written with, so that it is told of at a URL of its own. */
export interface VideoWebhook {
  readonly webhookUrl: string;
  readonly webhookOrigin: string;
  /** Of the endpoint that stands for the origin, where there is none yet: all of a host's videos share its pace and its health. */
  readonly webhookEndpointId: string;
  readonly webhookEventTypes: readonly string[];
}

/** Throws `invalid_value` where the team's policy does not allow the host, and for a URL that may not be used. */
export async function prepareVideoWebhook(
  ctx: Pick<CallerContext, 'db' | 'ports' | 'principal'>,
  webhookUrl: string,
): Promise<VideoWebhook> {
  const url = URL.parse(webhookUrl);
  if (!url) throw refused('it is no URL');
  const { hosts, hasSecret, endpoint, origins } = await findVideoWebhookPolicy(
    ctx.db,
    ctx.principal.teamId,
    url.origin,
  );
  // Before the name is looked up: a caller learns nothing of hosts that are not allowed.
  if (!isAllowedWebhookHost(hosts, url.hostname)) {
    const allowed = hosts.length === 0 ? 'none' : hosts.join(', ');
    throw refused(`your team may not name this host (allowed: ${allowed}). An administrator can allow it`);
  }
  if (!hasSecret) {
    throw refused(
      'your team has no secret to sign with yet. An administrator makes one in the team settings',
    );
  }
  await checkWebhookUrl({ webhooks: ctx.ports.webhooks }, webhookUrl, PARAM);
  if (endpoint && endpoint.state !== 'enabled') {
    throw refused(
      `nothing is sent to this host any more. Enable its webhook endpoint '${endpoint.id}' again first`,
    );
  }
  if (!endpoint && origins >= MAX_ORIGINS) throw refused(`your team has named ${MAX_ORIGINS} hosts already`);
  return {
    webhookUrl,
    webhookOrigin: url.origin,
    webhookEndpointId: newId('webhookEndpoint'),
    webhookEventTypes: DEFAULT_EVENT_TYPES,
  };
}

function refused(why: string): ReelgateError {
  return new ReelgateError('invalid_value', `Invalid '${PARAM}': ${why}.`, { param: PARAM });
}

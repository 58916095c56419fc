import type { CallerContext, KeyAuthenticator, ServiceContext, WebhookContext } from '@reelgate/core';
import type { Logger } from '@reelgate/runtime';
import type { Context } from 'hono';
import type { AnswerDeps } from '../../answer-video.ts';
import type { EventStreams } from '../../event-streams.ts';
import type { GatewayEnv } from '../../gateway-env.ts';
import type { WithFields } from '../../request-fields.ts';

/** What the routes of `/v1` work with. */
export interface V1Deps extends AnswerDeps {
  readonly service: ServiceContext;
  readonly log: Logger;
  readonly withFields: WithFields;
  /** What the files of one team may take up here. */
  readonly fileStorageMaxBytes: number;
  readonly keys: KeyAuthenticator;
  readonly webhooks: WebhookContext;
  readonly streams: EventStreams;
  /** Content is answered with a redirect to the object store, which then sends it. */
  readonly contentRedirect: boolean;
}

export function callerOf({ service }: Pick<V1Deps, 'service'>): (c: Context<GatewayEnv>) => CallerContext {
  return (c) => ({ ...service, principal: c.var.principal });
}

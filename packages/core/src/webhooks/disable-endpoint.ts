import type { Queryable } from '@reelgate/db';
import type { WorkerContext } from '../context.ts';
import { emitEvent } from './emit-event.ts';
import { disableAnyEndpoint } from './queries/index.ts';

/** Switches an endpoint off that has failed for too long or says that it is gone, and tells the team's other ones. */
export async function disableEndpoint(
  ctx: Pick<WorkerContext, 'log'>,
  tx: Queryable,
  id: string,
): Promise<void> {
  const teamId = await disableAnyEndpoint(tx, id);
  if (teamId === undefined) return;
  ctx.log.warn('webhook.endpoint_disabled', { endpointId: id, teamId });
  if (teamId !== null) await emitEvent(tx, { teamId, type: 'webhook_endpoint.disabled', data: { id } });
}

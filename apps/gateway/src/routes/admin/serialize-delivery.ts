import type { AdminDelivery } from '@reelgate/contract/admin';
import type { ScopedDelivery } from '@reelgate/core';
import { time, timeOrNull } from '../../admin/answers.ts';

export function serializeDelivery(
  delivery: Omit<ScopedDelivery, 'teamId' | 'teamName' | 'videoId'>,
  of: Pick<AdminDelivery, 'team' | 'video_id'>,
): AdminDelivery {
  return {
    id: delivery.id,
    object: 'webhook_delivery',
    endpoint_id: delivery.endpointId,
    endpoint_url: delivery.endpointUrl,
    ...of,
    event_id: delivery.eventId,
    event_type: delivery.eventType,
    state: delivery.state,
    attempts: delivery.attempts,
    next_attempt_at: timeOrNull(delivery.nextAttemptAt),
    last_status: delivery.lastStatus,
    last_outcome: delivery.lastOutcome,
    replay_of: delivery.replayOf,
    created_at: time(delivery.createdAt),
  };
}

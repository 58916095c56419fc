import type { AdminDelivery } from '@reelgate/contract/admin';
import { Badge, type Tone } from '../../ui/badge.tsx';

const TONES: Readonly<Record<AdminDelivery['state'], Tone>> = {
  pending: 'info',
  delivered: 'good',
  exhausted: 'bad',
  cancelled: 'plain',
};

export function DeliveryState({
  delivery: { state, last_status: status, last_outcome: outcome },
}: {
  delivery: AdminDelivery;
}) {
  return (
    <Badge tone={TONES[state]} title={outcome ?? undefined}>
      {state}
      {status !== null && ` · ${status}`}
    </Badge>
  );
}

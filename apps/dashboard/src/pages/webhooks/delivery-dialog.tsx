import { Repeat } from 'lucide-react';
import { admin, LIVE_MS, useAdmin, useChange } from '../../api/admin.ts';
import { canManage, useSession } from '../../session/session.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { CodeBlock, Id } from '../../ui/copy.tsx';
import { ErrorState, SkeletonRows } from '../../ui/feedback.tsx';
import { formatDateTime, formatDuration } from '../../ui/format.ts';
import { Dialog } from '../../ui/overlay.tsx';
import { Ago } from '../../ui/values.tsx';
import { DeliveryState } from './delivery-state.tsx';

/** One delivery: exactly what is sent, and what the receiver answered each time. Its answer is text, whatever it says it is. */
export function DeliveryDialog({ deliveryId, onClose }: { deliveryId: string; onClose: () => void }) {
  const session = useSession();
  const params = { delivery_id: deliveryId };
  const delivery = useAdmin('/deliveries/{delivery_id}', { params }, { refetchInterval: LIVE_MS });
  const replay = useChange(() => admin.post('/deliveries/{delivery_id}/replay', { params }), {
    done: () => 'It is being sent again, with the same id.',
  });
  const { data } = delivery;
  return (
    <Dialog
      side
      open
      onOpenChange={(open) => !open && onClose()}
      title={data?.event_type ?? 'Delivery'}
      description={data?.endpoint_url}
    >
      {delivery.error ? (
        <ErrorState error={delivery.error} onRetry={() => void delivery.refetch()} />
      ) : !data ? (
        <SkeletonRows />
      ) : (
        <div className="space-y-5">
          <p className="flex flex-wrap items-center gap-2 text-sm">
            <DeliveryState delivery={data} />
            <Id id={data.event_id} />
            {data.next_attempt_at && (
              <span className="text-ink-soft">
                next try <Ago at={data.next_attempt_at} />
              </span>
            )}
            {canManage(session, data.team.id) && data.state !== 'pending' && (
              <Button
                small
                className="ml-auto"
                busy={replay.isPending}
                onClick={() => replay.mutate(undefined)}
              >
                <Repeat aria-hidden className="size-3" /> Send again
              </Button>
            )}
          </p>
          <section>
            <h3 className="mb-1 font-medium text-sm">What is signed and sent</h3>
            <CodeBlock code={data.request_body} />
          </section>
          <section>
            <h3 className="mb-1 font-medium text-sm">Attempts</h3>
            {data.attempt_list.length === 0 ? (
              <p className="text-ink-soft text-sm">None yet.</p>
            ) : (
              <ol className="space-y-3">
                {data.attempt_list.map((attempt) => (
                  <li key={attempt.no} className="rounded-md border p-3 text-sm">
                    <p className="flex flex-wrap items-center gap-2">
                      <span className="font-medium">{attempt.no}.</span>
                      <Badge tone={attempt.outcome === 'delivered' ? 'good' : 'bad'}>
                        {attempt.status ?? attempt.outcome.replaceAll('_', ' ')}
                      </Badge>
                      <span className="text-ink-soft">
                        {formatDateTime(attempt.started_at)}, {formatDuration(attempt.duration_ms / 1000)}
                        {attempt.resolved_ip && `, ${attempt.resolved_ip}`}
                      </span>
                    </p>
                    {attempt.response_head && (
                      <pre className="mt-2 max-h-48 overflow-auto whitespace-pre-wrap break-all rounded bg-sunken p-2 font-mono text-xs">
                        {attempt.response_head}
                      </pre>
                    )}
                  </li>
                ))}
              </ol>
            )}
          </section>
        </div>
      )}
    </Dialog>
  );
}

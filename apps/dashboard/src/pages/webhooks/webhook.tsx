import type { AdminEndpoint } from '@reelgate/contract/admin';
import { useNavigate, useParams } from '@tanstack/react-router';
import { CircleAlert, MoreHorizontal, Pencil, Play, Repeat, RotateCw, Send, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { type AnswerOf, admin, LIVE_MS, useAdmin, useChange } from '../../api/admin.ts';
import { canManage, useSession } from '../../session/session.ts';
import { Ask } from '../../ui/ask.tsx';
import { Badge } from '../../ui/badge.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { Id } from '../../ui/copy.tsx';
import { ErrorState, SkeletonRows } from '../../ui/feedback.tsx';
import { formatDateTime, formatDuration, formatNumber } from '../../ui/format.ts';
import { Menu, MenuItem, MenuSeparator } from '../../ui/overlay.tsx';
import { PageHeader, Panel } from '../../ui/panel.tsx';
import { Ago, NoData } from '../../ui/values.tsx';
import { SecretOnce } from '../keys/secret-once.tsx';
import { Fact } from '../videos/records.tsx';
import { DeliveryTable } from './delivery-table.tsx';
import { EndpointForm } from './endpoint-form.tsx';
import { EndpointState } from './endpoint-state.tsx';
import { ReplayForm } from './replay-form.tsx';

export default function WebhookPage() {
  const { endpointId } = useParams({ from: '/inside/webhooks/$endpointId' });
  const endpoint = useAdmin(
    '/webhook-endpoints/{endpoint_id}',
    { params: { endpoint_id: endpointId } },
    { refetchInterval: LIVE_MS },
  );
  if (endpoint.error) return <ErrorState error={endpoint.error} onRetry={() => void endpoint.refetch()} />;
  if (!endpoint.data) return <SkeletonRows rows={8} />;
  const { data } = endpoint;
  return (
    <>
      <PageHeader
        title={data.name ?? data.url}
        note={
          <span className="flex flex-wrap items-center gap-2">
            <Id id={data.id} /> <EndpointState endpoint={data} />
          </span>
        }
        actions={<EndpointActions endpoint={data} />}
      />
      {data.state === 'disabled_auto' && (
        <p
          role="status"
          className="mb-3 flex items-start gap-2 rounded-md bg-bad-soft px-3 py-2 text-bad text-sm"
        >
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          It failed for so long that nothing is sent to it any more. Enable it when the receiver works again,
          then send what failed once more.
        </p>
      )}
      <div className="space-y-3">
        <Panel>
          <dl className="grid items-baseline gap-x-6 gap-y-1.5 text-sm sm:grid-cols-[max-content_minmax(0,1fr)]">
            <Fact name="URL">
              <code className="break-all font-mono text-xs">{data.url}</code>
            </Fact>
            <Fact name="Team">{data.team.name}</Fact>
            <Fact name="Is told of">
              <span className="flex flex-wrap gap-1">
                {data.event_types.map((type) => (
                  <Badge key={type}>{type}</Badge>
                ))}
              </span>
            </Fact>
            <Fact name="24 hours">
              {formatNumber(data.deliveries_last_24_hours)} deliveries,{' '}
              {formatNumber(data.failures_last_24_hours)} tries failed, p95{' '}
              {data.p95_ms === null ? <NoData /> : formatDuration(data.p95_ms / 1000)}
            </Fact>
            <Fact name="Last delivered">
              <Ago at={data.last_delivered_at} />
            </Fact>
            {data.failing_since && (
              <Fact name="Failing since">
                {formatDateTime(data.failing_since)}, {formatNumber(data.consecutive_failures)} times in a row
              </Fact>
            )}
            {data.rotating_until && (
              <Fact name="Rotating">Both secrets sign until {formatDateTime(data.rotating_until)}</Fact>
            )}
          </dl>
        </Panel>
        <Panel flush title="Deliveries">
          <DeliveryTable endpointId={data.id} />
        </Panel>
      </div>
    </>
  );
}

function EndpointActions({ endpoint }: { endpoint: AdminEndpoint }) {
  const session = useSession();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<'edit' | 'rotate' | 'replay' | 'delete' | null>(null);
  const [rotated, setRotated] = useState<AnswerOf<'post', '/webhook-endpoints/{endpoint_id}/rotate'> | null>(
    null,
  );
  const params = { endpoint_id: endpoint.id };
  const close = () => setAsked(null);
  const test = useChange(() => admin.post('/webhook-endpoints/{endpoint_id}/test', { params }), {
    done: ({ event_type, status, duration_ms }) =>
      `The receiver answered a sample of ${event_type} with ${status}, after ${formatDuration(duration_ms / 1000)}.`,
  });
  const enable = (enabled: boolean) =>
    admin.patch('/webhook-endpoints/{endpoint_id}', { params, body: { enabled } });
  const toggle = useChange(enable, {
    done: ({ state }) => (state === 'enabled' ? 'It is told again.' : 'It is told nothing any more.'),
    undo: (_, enabled) => () => enable(!enabled),
  });
  const rotate = useChange(() => admin.post('/webhook-endpoints/{endpoint_id}/rotate', { params }), {
    quiet: true,
    onDone: setRotated,
  });
  const remove = useChange(() => admin.delete('/webhook-endpoints/{endpoint_id}', { params }), {
    quiet: true,
    done: () => 'The endpoint is gone.',
    onDone: () => void navigate({ to: '/webhooks' }),
  });
  if (!canManage(session, endpoint.team.id)) return null;
  return (
    <>
      {endpoint.state === 'enabled' ? (
        <Button busy={test.isPending} onClick={() => test.mutate(undefined)}>
          <Send aria-hidden className="size-3.5" /> Send a test
        </Button>
      ) : (
        <Button look="primary" busy={toggle.isPending} onClick={() => toggle.mutate(true)}>
          <Play aria-hidden className="size-3.5" /> Enable
        </Button>
      )}
      <Menu
        trigger={
          <IconButton label="More actions">
            <MoreHorizontal className="size-4" />
          </IconButton>
        }
      >
        <MenuItem onSelect={() => setAsked('edit')}>
          <Pencil className="size-4" /> Change…
        </MenuItem>
        <MenuItem onSelect={() => setAsked('rotate')}>
          <RotateCw className="size-4" /> Rotate the secret…
        </MenuItem>
        <MenuItem onSelect={() => setAsked('replay')}>
          <Repeat className="size-4" /> Send again since…
        </MenuItem>
        <MenuSeparator />
        {endpoint.state === 'enabled' && <MenuItem onSelect={() => toggle.mutate(false)}>Disable</MenuItem>}
        <MenuItem danger onSelect={() => setAsked('delete')}>
          <Trash2 className="size-4" /> Remove…
        </MenuItem>
      </Menu>
      {asked === 'edit' && <EndpointForm endpoint={endpoint} onClose={close} />}
      {asked === 'replay' && <ReplayForm endpointId={endpoint.id} onClose={close} />}
      <Ask
        open={asked === 'rotate'}
        onClose={close}
        title="Rotate the signing secret?"
        action="Rotate"
        onConfirm={() => rotate.mutateAsync(undefined)}
      >
        For 24 hours both secrets sign, so that the receiver can change over without a gap.
      </Ask>
      <Ask
        open={asked === 'delete'}
        onClose={close}
        title="Remove the endpoint?"
        action="Remove"
        danger
        typed={endpoint.name ?? endpoint.url}
        onConfirm={() => remove.mutateAsync(undefined)}
      >
        What waits to be sent to it is cancelled. It cannot be undone.
      </Ask>
      {rotated && (
        <SecretOnce
          name={rotated.name ?? rotated.url}
          secret={rotated.secret}
          note={
            rotated.rotating_until
              ? `The secret before is used as well until ${formatDateTime(rotated.rotating_until)}.`
              : undefined
          }
          withSnippets={false}
          onClose={() => setRotated(null)}
        />
      )}
    </>
  );
}

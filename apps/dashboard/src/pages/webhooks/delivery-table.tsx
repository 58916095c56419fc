import type { AdminDelivery } from '@reelgate/contract/admin';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { LIVE_MS, useAdminList } from '../../api/admin.ts';
import { type ColumnDef, DataTable } from '../../ui/data-table.tsx';
import { EmptyState, ErrorState } from '../../ui/feedback.tsx';
import { ShowMore } from '../../ui/show-more.tsx';
import { Ago, NoData } from '../../ui/values.tsx';
import { DeliveryDialog } from './delivery-dialog.tsx';
import { DeliveryState } from './delivery-state.tsx';

/** Deliveries, newest first; each opens with its request and every answer. */
export function DeliveryTable({
  endpointId,
  teamId,
  state,
}: {
  endpointId?: string;
  teamId?: string | undefined;
  state?: string | undefined;
}) {
  const deliveries = useAdminList(
    '/deliveries',
    { query: { endpoint_id: endpointId, team_id: teamId, state: state || undefined, limit: 100 } },
    { refetchInterval: LIVE_MS },
  );
  const [open, setOpen] = useState<string | null>(null);
  const columns = useMemo(() => deliveryColumns(endpointId === undefined), [endpointId]);
  if (deliveries.error) return <ErrorState error={deliveries.error} onRetry={deliveries.refetch} />;
  return (
    <>
      <DataTable
        label="Deliveries"
        rows={deliveries.rows}
        columns={columns}
        rowId={(delivery) => delivery.id}
        rowHeight={40}
        onOpen={(delivery) => setOpen(delivery.id)}
        onEnd={deliveries.loadMore}
        footer={<ShowMore list={deliveries} />}
        empty={
          <EmptyState title="Nothing was sent">
            An endpoint is told what happens after it was made.
          </EmptyState>
        }
      />
      {open !== null && <DeliveryDialog deliveryId={open} onClose={() => setOpen(null)} />}
    </>
  );
}

function deliveryColumns(withEndpoint: boolean): ColumnDef<AdminDelivery>[] {
  const columns: ColumnDef<AdminDelivery>[] = [
    {
      id: 'event',
      header: 'Event',
      cell: ({ row: { original } }) => (
        <span>
          <code className="font-mono text-xs">{original.event_type}</code>
          {original.replay_of !== null && <span className="ml-1.5 text-ink-faint text-xs">sent again</span>}
        </span>
      ),
    },
    {
      id: 'state',
      header: 'State',
      meta: { narrow: 'beneath' },
      cell: ({ row: { original } }) => <DeliveryState delivery={original} />,
    },
    {
      id: 'video',
      header: 'Video',
      meta: { narrow: 'out' },
      cell: ({ row: { original } }) =>
        original.video_id === null ? (
          <NoData title="Not about a video" />
        ) : (
          <Link
            to="/videos/$videoId"
            params={{ videoId: original.video_id }}
            className="font-mono text-xs underline-offset-4 hover:underline"
          >
            {original.video_id.slice(0, 14)}…
          </Link>
        ),
    },
    {
      id: 'tries',
      header: 'Tries',
      meta: { narrow: 'out', align: 'right' },
      cell: ({ row: { original } }) => original.attempts,
    },
    {
      id: 'next',
      header: 'Next try',
      meta: { align: 'right', narrow: 'out' },
      cell: ({ row: { original } }) => <Ago at={original.next_attempt_at} />,
    },
    {
      id: 'at',
      header: 'When',
      meta: { align: 'right' },
      cell: ({ row: { original } }) => <Ago at={original.created_at} />,
    },
  ];
  if (!withEndpoint) return columns;
  return [
    ...columns.slice(0, 2),
    {
      id: 'endpoint',
      header: 'Endpoint',
      meta: { narrow: 'beneath' },
      cell: ({ row: { original } }) => (
        <span className="block max-w-72">
          <Link
            to="/webhooks/$endpointId"
            params={{ endpointId: original.endpoint_id }}
            className="block truncate underline-offset-4 hover:underline"
          >
            {original.endpoint_url}
          </Link>
          <span className="text-ink-faint text-xs">{original.team.name}</span>
        </span>
      ),
    },
    ...columns.slice(2),
  ];
}

import type { AdminVideoDetail } from '@reelgate/contract/admin';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { admin, useChange } from '../../api/admin.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { CodeBlock, Id } from '../../ui/copy.tsx';
import { type ColumnDef, DataTable } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/feedback.tsx';
import { formatBytes, formatQuantity } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';
import { Ago, NoData } from '../../ui/values.tsx';
import { DeliveryState } from '../webhooks/delivery-state.tsx';

type Entry = AdminVideoDetail['ledger'][number];
type Delivery = AdminVideoDetail['deliveries'][number];
type Asset = AdminVideoDetail['assets'][number];

const signed = (metric: string, delta: string) =>
  delta === '0'
    ? '–'
    : `${delta.startsWith('-') ? '−' : '+'}${formatQuantity(metric, delta.replace('-', ''))}`;

const LEDGER: ColumnDef<Entry>[] = [
  {
    id: 'kind',
    header: 'Booking',
    cell: ({ row: { original: entry } }) => (
      <span title={entry.reason ?? undefined}>
        {entry.kind}
        {entry.actor && <span className="text-ink-faint text-xs"> by {entry.actor}</span>}
      </span>
    ),
  },
  {
    id: 'limit',
    header: 'Limit',
    meta: { narrow: 'beneath' },
    cell: ({ row: { original: entry } }) => `${entry.scope_kind}, ${entry.metric}`,
  },
  {
    id: 'reserved',
    header: 'Reserved',
    meta: { align: 'right' },
    cell: ({ row: { original: entry } }) => signed(entry.metric, entry.reserved_delta),
  },
  {
    id: 'settled',
    header: 'Settled',
    meta: { align: 'right' },
    cell: ({ row: { original: entry } }) => signed(entry.metric, entry.settled_delta),
  },
  {
    id: 'at',
    header: 'When',
    meta: { align: 'right', narrow: 'out' },
    cell: ({ row: { original: entry } }) => <Ago at={entry.at} />,
  },
];

export function Ledger({ video }: { video: AdminVideoDetail }) {
  return (
    <Panel flush title="Ledger" note="Bookings never change">
      <DataTable
        label="Ledger entries"
        rows={video.ledger}
        columns={LEDGER}
        rowId={(entry) => entry.id}
        rowHeight={36}
        empty={
          <EmptyState small title="Nothing was booked">
            No limit counts this video.
          </EmptyState>
        }
      />
    </Panel>
  );
}

export function Deliveries({ video, mayReplay }: { video: AdminVideoDetail; mayReplay: boolean }) {
  const replay = useChange(
    (id: string) => admin.post('/deliveries/{delivery_id}/replay', { params: { delivery_id: id } }),
    { done: () => 'It is being sent again.' },
  );
  const columns: ColumnDef<Delivery>[] = [
    { id: 'event', header: 'Event', cell: ({ row: { original } }) => original.event_type },
    {
      id: 'endpoint',
      header: 'Endpoint',
      meta: { narrow: 'beneath' },
      cell: ({ row: { original } }) => (
        <Link
          to="/webhooks/$endpointId"
          params={{ endpointId: original.endpoint_id }}
          className="block max-w-64 truncate underline-offset-4 hover:underline"
        >
          {original.endpoint_url}
        </Link>
      ),
    },
    {
      id: 'state',
      header: 'State',
      meta: { narrow: 'beneath' },
      cell: ({ row: { original } }) => <DeliveryState delivery={original} />,
    },
    {
      id: 'tries',
      header: 'Tries',
      meta: { narrow: 'named', align: 'right' },
      cell: ({ row: { original } }) => original.attempts,
    },
    {
      id: 'action',
      header: () => <span className="sr-only">Actions</span>,
      meta: { align: 'right' },
      cell: ({ row: { original } }) =>
        mayReplay &&
        original.state !== 'pending' && (
          <Button small onClick={() => replay.mutate(original.id)}>
            Replay
          </Button>
        ),
    },
  ];
  return (
    <Panel flush title="Webhooks">
      <DataTable
        label="Deliveries"
        rows={video.deliveries}
        columns={columns}
        rowId={(delivery) => delivery.id}
        rowHeight={40}
        empty={<EmptyState small title="Nobody asked to be told" />}
      />
    </Panel>
  );
}

const ASSETS: ColumnDef<Asset>[] = [
  { id: 'variant', header: 'Variant', cell: ({ row: { original } }) => original.variant },
  {
    id: 'state',
    header: 'State',
    cell: ({ row: { original } }) => (
      <Badge tone={original.state === 'stored' ? 'good' : original.state === 'lost' ? 'bad' : 'plain'}>
        {original.state}
      </Badge>
    ),
  },
  {
    id: 'bytes',
    header: 'Size',
    meta: { align: 'right' },
    cell: ({ row: { original } }) => (original.bytes === null ? <NoData /> : formatBytes(original.bytes)),
  },
  {
    id: 'sha256',
    header: 'SHA-256',
    meta: { narrow: 'beneath' },
    cell: ({ row: { original } }) =>
      original.sha256 ? (
        <code className="font-mono text-xs" title={original.sha256}>
          {original.sha256.slice(0, 16)}…
        </code>
      ) : (
        <NoData />
      ),
  },
];

/** Where it comes from, so that it can be shown to whoever asks years later. */
export function Provenance({ video }: { video: AdminVideoDetail }) {
  const { provenance: from } = video;
  return (
    <Panel title="Provenance">
      {video.assets.length > 0 && (
        <div className="-mx-4 mb-3">
          <DataTable
            label="Stored files"
            rows={video.assets}
            columns={ASSETS}
            rowId={({ variant }) => variant}
            rowHeight={36}
            empty={null}
          />
        </div>
      )}
      <dl className="grid items-baseline gap-x-6 gap-y-1.5 text-sm sm:grid-cols-[max-content_minmax(0,1fr)]">
        <Fact name="Rendered by">
          {from.upstream_id}, {from.upstream_model}
        </Fact>
        <Fact name="Its id there">
          {from.upstream_video_id ? <Id id={from.upstream_video_id} /> : <NoData title="Not known" />}
        </Fact>
        <Fact name="Made from">
          {from.made_from ? (
            <Link
              to="/videos/$videoId"
              params={{ videoId: from.made_from }}
              className="font-mono text-xs underline-offset-4 hover:underline"
            >
              {from.made_from}
            </Link>
          ) : (
            'Nothing before it'
          )}
        </Fact>
        <Fact name="SHA-256 of the prompt">
          <Id id={from.prompt_sha256} />
        </Fact>
        <Fact name="SHA-256 of the request">
          <Id id={from.request_sha256} />
        </Fact>
      </dl>
      {Object.keys(video.params).length > 0 && (
        <details className="mt-3">
          <summary className="cursor-pointer rounded py-1 text-ink-soft text-xs">
            Fields forwarded as they came
          </summary>
          <CodeBlock code={JSON.stringify(video.params, null, 2)} />
        </details>
      )}
    </Panel>
  );
}

/** What the upstream said, as it said it; for administrators, never for the caller. */
export function UpstreamError({ error }: { error: AdminVideoDetail['upstream_error'] }) {
  if (error === null) return null;
  return (
    <Panel title="What the upstream said">
      <CodeBlock code={JSON.stringify(error, null, 2)} />
    </Panel>
  );
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-faint">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}

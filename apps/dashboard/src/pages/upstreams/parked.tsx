import { Link, useNavigate } from '@tanstack/react-router';
import { type AnswerOf, useAdminList } from '../../api/admin.ts';
import { type ColumnDef, DataTable } from '../../ui/data-table.tsx';
import { EmptyState, ErrorState } from '../../ui/feedback.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Ago, Money } from '../../ui/values.tsx';

type Reservation = AnswerOf<'get', '/parked-reservations'>['data'][number];

const COLUMNS: ColumnDef<Reservation>[] = [
  {
    id: 'video',
    header: 'Video',
    cell: ({ row: { original } }) => (
      <span>
        <Link
          to="/videos/$videoId"
          params={{ videoId: original.video_id }}
          className="font-mono text-xs underline-offset-4 hover:underline"
        >
          {original.video_id.slice(0, 20)}…
        </Link>
        <span className="block text-ink-faint text-xs">
          {original.model} at {original.upstream_id}
        </span>
      </span>
    ),
  },
  {
    id: 'team',
    header: 'Team',
    meta: { narrow: 'beneath' },
    cell: ({ row: { original } }) => original.team.name,
  },
  {
    id: 'error',
    header: 'Why',
    meta: { narrow: 'beneath' },
    cell: ({ row: { original } }) => (
      <span className="block max-w-96 truncate text-ink-soft" title={original.error?.message}>
        {original.error?.message}
      </span>
    ),
  },
  {
    id: 'cost',
    header: 'Counts as spent',
    meta: { align: 'right' },
    cell: ({ row: { original } }) => <Money value={original.cost_micro_usd} />,
  },
  {
    id: 'at',
    header: 'Since',
    meta: { narrow: 'beneath', align: 'right' },
    cell: ({ row: { original } }) => <Ago at={original.created_at} />,
  },
];

/** What a video may have cost and nobody can know. The page of the video settles it or gives it back. */
export function Parked() {
  const navigate = useNavigate();
  const reservations = useAdminList('/parked-reservations', { query: { limit: 100 } });
  if (reservations.error) return <ErrorState error={reservations.error} onRetry={reservations.refetch} />;
  return (
    <Panel flush title="Parked reservations" note="Compare with the upstream's bill, then settle or release">
      <DataTable
        label="Parked reservations"
        rows={reservations.rows}
        columns={COLUMNS}
        rowId={(reservation) => reservation.video_id}
        rowHeight={52}
        onOpen={({ video_id }) => void navigate({ to: '/videos/$videoId', params: { videoId: video_id } })}
        onEnd={reservations.loadMore}
        empty={
          <EmptyState title="Nothing waits for a decision">
            Where an upstream takes a job, answers nothing and shows no list, what it may have cost is kept
            here.
          </EmptyState>
        }
      />
    </Panel>
  );
}

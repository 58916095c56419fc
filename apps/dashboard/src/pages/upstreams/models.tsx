import type { AdminModel } from '@reelgate/contract/admin';
import { Link } from '@tanstack/react-router';
import { useAdmin } from '../../api/admin.ts';
import { Badge } from '../../ui/badge.tsx';
import { type ColumnDef, DataTable } from '../../ui/data-table.tsx';
import { EmptyState, ErrorState } from '../../ui/feedback.tsx';
import { formatDate, formatNumber } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';

const COLUMNS: ColumnDef<AdminModel>[] = [
  {
    id: 'name',
    header: 'Model',
    cell: ({ row: { original: model } }) => (
      <span>
        <span className="font-medium">{model.id}</span>
        {model.aliases.length > 0 && (
          <span className="block text-ink-faint text-xs">also {model.aliases.join(', ')}</span>
        )}
      </span>
    ),
  },
  {
    id: 'routed',
    header: 'Rendered by',
    meta: { narrow: 'named' },
    cell: ({ row: { original: model } }) => (
      <span>
        {model.upstream_id}
        <span className="block text-ink-faint text-xs">as {model.upstream_model}</span>
      </span>
    ),
  },
  {
    id: 'offers',
    header: 'Offers',
    meta: { narrow: 'out' },
    cell: ({ row: { original: model } }) => (
      <span className="text-ink-soft text-xs">
        {model.seconds.join(', ')} s<span className="block">{model.sizes.join(', ')}</span>
      </span>
    ),
  },
  {
    id: 'can',
    header: 'Can',
    meta: { narrow: 'out' },
    cell: ({ row: { original: model } }) => (
      <span className="text-ink-soft text-xs">{model.capabilities.join(', ').replaceAll('_', ' ')}</span>
    ),
  },
  {
    id: 'state',
    header: 'State',
    meta: { narrow: 'beneath' },
    cell: ({ row: { original: model } }) => (
      <span className="flex flex-wrap gap-1">
        <Badge tone={model.enabled ? 'good' : 'plain'}>{model.enabled ? 'offered' : 'not offered'}</Badge>
        {model.unpriced_sizes.length > 0 && (
          <Badge tone="warn" title={model.unpriced_sizes.join(', ')}>
            {model.unpriced_sizes.length} sizes without a price
          </Badge>
        )}
        {model.shutdown_at && <Badge tone="warn">ends {formatDate(model.shutdown_at)}</Badge>}
      </span>
    ),
  },
  {
    id: 'videos',
    header: '30 days',
    meta: { align: 'right' },
    cell: ({ row: { original: model } }) => (
      <Link
        to="/videos"
        search={{ model: model.id, range: '30d' }}
        className="underline-offset-4 hover:underline"
      >
        {formatNumber(model.videos_last_30_days)}
      </Link>
    ),
  },
];

/** What callers may ask for; the configuration file says it. */
export function Models() {
  const models = useAdmin('/models');
  if (models.error) return <ErrorState error={models.error} onRetry={() => void models.refetch()} />;
  return (
    <Panel flush>
      <DataTable
        label="Models"
        rows={models.data?.data}
        columns={COLUMNS}
        rowId={(model) => model.id}
        rowHeight={52}
        empty={<EmptyState title="No models" code="$EDITOR infra/reelgate.yaml" />}
      />
    </Panel>
  );
}

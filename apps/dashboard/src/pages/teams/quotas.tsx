import type { Quota, Team } from '@reelgate/contract/admin';
import { Pencil, Plus } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useAdminList } from '../../api/admin.ts';
import { useSession } from '../../session/session.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { type ColumnDef, DataTable } from '../../ui/data-table.tsx';
import { EmptyState, ErrorState } from '../../ui/feedback.tsx';
import { formatQuantity } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';
import { QuotaBar } from '../../ui/quota-bar.tsx';
import { Ago, NoData } from '../../ui/values.tsx';
import { LimitEditor } from './limit-editor.tsx';
import { LimitForm } from './limit-form.tsx';
import { METRICS, WINDOWS } from './limit-names.ts';

/** Every limit of a team and of its keys. */
export function Quotas({ team }: { team: Team }) {
  const session = useSession();
  const quotas = useAdminList('/quotas', { query: { team_id: team.id, limit: 200 } });
  const [editing, setEditing] = useState<Quota | null>(null);
  const [adding, setAdding] = useState(false);
  const isAdmin = session.role === 'admin';
  const columns = useMemo<ColumnDef<Quota>[]>(
    () => [
      {
        id: 'what',
        header: 'Limit on',
        cell: ({ row: { original: quota } }) => (
          <span className="flex flex-wrap items-center gap-1.5">
            <span className="font-medium">{METRICS[quota.metric]}</span>
            <span className="text-ink-soft">{WINDOWS[quota.window]}</span>
            {quota.scope.kind === 'key' && <Badge>key {quota.scope.name}</Badge>}
            {quota.model && <Badge>{quota.model}</Badge>}
            {quota.tag && (
              <Badge>
                {quota.tag.key}={quota.tag.value}
              </Badge>
            )}
          </span>
        ),
      },
      {
        id: 'bar',
        header: 'Used and reserved',
        meta: { width: '30%', narrow: 'beneath' },
        cell: ({ row: { original: quota } }) => (
          <QuotaBar
            used={Number(quota.used)}
            reserved={Number(quota.reserved)}
            limit={quota.hard === null ? null : Number(quota.hard) + Number(quota.granted)}
            label={`${formatQuantity(quota.metric, quota.used)} used, ${formatQuantity(quota.metric, quota.reserved)} reserved`}
          />
        ),
      },
      {
        id: 'used',
        header: 'Used',
        meta: { narrow: 'named', align: 'right' },
        cell: ({ row: { original: quota } }) => formatQuantity(quota.metric, quota.used),
      },
      {
        id: 'hard',
        header: 'Hard limit',
        meta: { align: 'right' },
        cell: ({ row: { original: quota } }) => (
          <span className="inline-flex items-center gap-1">
            {quota.hard === null ? <NoData title="Only counts" /> : formatQuantity(quota.metric, quota.hard)}
            {BigInt(quota.granted) > 0n && (
              <Badge tone="good" title="By grants">
                +{formatQuantity(quota.metric, quota.granted)}
              </Badge>
            )}
            {isAdmin && (
              <IconButton
                label={`Change the limit on ${quota.metric}`}
                onClick={() => setEditing(quota)}
                className="size-7"
              >
                <Pencil className="size-3.5" />
              </IconButton>
            )}
          </span>
        ),
      },
      {
        id: 'thresholds',
        header: 'Tells at',
        meta: { narrow: 'out' },
        cell: ({ row: { original: quota } }) =>
          quota.thresholds.length === 0 ? <NoData title="Never" /> : `${quota.thresholds.join(', ')} %`,
      },
      {
        id: 'resets',
        header: 'Resets',
        meta: { narrow: 'out' },
        cell: ({ row: { original: quota } }) => <Ago at={quota.resets_at} />,
      },
    ],
    [isAdmin],
  );
  return (
    <Panel
      flush
      title="Quotas"
      actions={
        isAdmin && (
          <Button small onClick={() => setAdding(true)}>
            <Plus aria-hidden className="size-3.5" /> Add a limit
          </Button>
        )
      }
    >
      {quotas.error ? (
        <ErrorState error={quotas.error} onRetry={quotas.refetch} />
      ) : (
        <DataTable
          label="Quotas"
          rows={quotas.rows}
          columns={columns}
          rowId={(quota) => quota.id}
          empty={
            <EmptyState
              small
              title="No limits"
              code={`npm run reelgate -- quota set --team ${team.name} --metric cost --window month --hard 250`}
            />
          }
        />
      )}
      {editing && <LimitEditor quota={editing} onClose={() => setEditing(null)} />}
      {adding && <LimitForm team={team} onClose={() => setAdding(false)} />}
    </Panel>
  );
}

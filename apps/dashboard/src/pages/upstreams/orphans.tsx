import { useMemo, useState } from 'react';
import { admin, useAdminList, useChange } from '../../api/admin.ts';
import { Ask } from '../../ui/ask.tsx';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { type ColumnDef, DataTable } from '../../ui/data-table.tsx';
import { EmptyState, ErrorState } from '../../ui/feedback.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Ago } from '../../ui/values.tsx';
import { AdoptForm, type Orphan } from './adopt-form.tsx';

/** Videos that an upstream shows and nothing here explains: somebody else's, or ours from before a restored backup. */
export function Orphans() {
  const orphans = useAdminList('/orphans', { query: { limit: 100 } });
  const [adopting, setAdopting] = useState<Orphan | null>(null);
  const [ignoring, setIgnoring] = useState<Orphan | null>(null);
  const ignore = useChange(
    (given: { id: string; reason: string }) =>
      admin.post('/orphans/{orphan_id}/ignore', {
        params: { orphan_id: given.id },
        body: { reason: given.reason },
      }),
    { quiet: true, done: () => 'It is ignored.' },
  );
  const columns = useMemo<ColumnDef<Orphan>[]>(
    () => [
      {
        id: 'id',
        header: 'Upstream’s id',
        cell: ({ row: { original } }) => (
          <span>
            <code className="break-all font-mono text-xs">{original.upstream_video_id}</code>
            <span className="block text-ink-faint text-xs">{original.upstream_id}</span>
          </span>
        ),
      },
      {
        id: 'shows',
        header: 'What it shows',
        meta: { narrow: 'beneath' },
        cell: ({ row: { original } }) => (
          <span className="prompt block max-w-96 truncate text-ink-soft text-xs">
            {JSON.stringify(original.snapshot)}
          </span>
        ),
      },
      { id: 'seen', header: 'Seen', cell: ({ row: { original } }) => <Ago at={original.first_seen_at} /> },
      {
        id: 'state',
        header: 'State',
        meta: { narrow: 'beneath', align: 'right' },
        cell: ({ row: { original } }) =>
          original.state === 'seen' || original.state === 'archived' ? (
            <span className="inline-flex gap-1.5">
              <Button small look="primary" onClick={() => setAdopting(original)}>
                Adopt
              </Button>
              <Button small onClick={() => setIgnoring(original)}>
                Ignore
              </Button>
            </span>
          ) : (
            <Badge title={original.decided_by ?? undefined}>{original.state}</Badge>
          ),
      },
    ],
    [],
  );
  if (orphans.error) return <ErrorState error={orphans.error} onRetry={orphans.refetch} />;
  return (
    <Panel flush>
      <DataTable
        label="Orphans"
        rows={orphans.rows}
        columns={columns}
        rowId={(orphan) => orphan.id}
        rowHeight={52}
        onEnd={orphans.loadMore}
        empty={
          <EmptyState title="Nothing unexplained">
            Every video that an upstream lists is known here.
          </EmptyState>
        }
      />
      {adopting && <AdoptForm orphan={adopting} onClose={() => setAdopting(null)} />}
      <Ask
        open={ignoring !== null}
        onClose={() => setIgnoring(null)}
        title="Ignore this video?"
        action="Ignore"
        reason
        onConfirm={(reason) => ignore.mutateAsync({ id: ignoring?.id ?? '', reason })}
      >
        It is not told of any more. Its upstream may forget it.
      </Ask>
    </Panel>
  );
}

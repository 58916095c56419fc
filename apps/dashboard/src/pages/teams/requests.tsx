import type { BudgetRequest } from '@reelgate/contract/admin';
import { Check, X } from 'lucide-react';
import { useMemo, useState } from 'react';
import { admin, LIVE_MS, useAdminList, useChange } from '../../api/admin.ts';
import { useSession } from '../../session/session.ts';
import { Ask } from '../../ui/ask.tsx';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { type ColumnDef, DataTable } from '../../ui/data-table.tsx';
import { EmptyState, ErrorState } from '../../ui/feedback.tsx';
import { formatQuantity } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';
import { TeamLink } from '../../ui/team-link.tsx';
import { Ago } from '../../ui/values.tsx';

const TONES: Readonly<Record<BudgetRequest['state'], Tone>> = {
  open: 'accent',
  approved: 'good',
  denied: 'bad',
  withdrawn: 'plain',
};

/** What teams have asked for: one click approves. */
export function Requests({ teamId, title }: { teamId?: string; title?: string }) {
  const session = useSession();
  const requests = useAdminList(
    '/budget-requests',
    { query: { team_id: teamId, limit: 200 } },
    { refetchInterval: LIVE_MS },
  );
  const [denying, setDenying] = useState<BudgetRequest | null>(null);
  const params = (id: string) => ({ budget_request_id: id });
  const approve = useChange(
    (request: BudgetRequest) =>
      admin.post('/budget-requests/{budget_request_id}/approve', { params: params(request.id), body: {} }),
    {
      done: ({ team, metric, amount }) => `${team.name} has ${formatQuantity(metric, amount)} more.`,
      undo: ({ grant_id }) =>
        grant_id === null ? null : () => admin.post('/grants/{grant_id}/end', { params: { grant_id } }),
    },
  );
  const deny = useChange(
    ({ id, note }: { id: string; note: string }) =>
      admin.post('/budget-requests/{budget_request_id}/deny', { params: params(id), body: { note } }),
    { quiet: true, done: ({ team }) => `The request of ${team.name} is denied.` },
  );
  const withdraw = useChange(
    (id: string) => admin.post('/budget-requests/{budget_request_id}/withdraw', { params: params(id) }),
    { done: () => 'The request is withdrawn.' },
  );
  const { mutate: doApprove, isPending } = approve;
  const { mutate: doWithdraw } = withdraw;
  const columns = useMemo<ColumnDef<BudgetRequest>[]>(
    () => [
      {
        id: 'team',
        header: 'Team',
        cell: ({ row: { original } }) => <TeamLink team={original.team} className="font-medium" />,
      },
      {
        id: 'amount',
        header: 'Asks for',
        meta: { align: 'right' },
        cell: ({ row: { original } }) => formatQuantity(original.metric, original.amount),
      },
      {
        id: 'reason',
        header: 'Why',
        meta: { narrow: 'beneath' },
        cell: ({ row: { original } }) => (
          <span className="line-clamp-2 max-w-96 text-ink-soft" title={original.note ?? undefined}>
            {original.reason}
          </span>
        ),
      },
      {
        id: 'by',
        header: 'Who, when',
        meta: { narrow: 'beneath' },
        cell: ({ row: { original } }) => (
          <span className="text-ink-soft">
            {original.requested_by.name}, <Ago at={original.created_at} />
          </span>
        ),
      },
      {
        id: 'state',
        header: 'State',
        meta: { narrow: 'beneath', align: 'right' },
        cell: ({ row: { original } }) =>
          original.state === 'open' && session.role === 'admin' ? (
            <span className="inline-flex gap-1.5">
              <Button small look="primary" busy={isPending} onClick={() => doApprove(original)}>
                <Check aria-hidden className="size-3" /> Approve
              </Button>
              <Button small onClick={() => setDenying(original)}>
                <X aria-hidden className="size-3" /> Deny
              </Button>
            </span>
          ) : original.state === 'open' ? (
            <Button small onClick={() => doWithdraw(original.id)}>
              Withdraw
            </Button>
          ) : (
            <Badge tone={TONES[original.state]} title={original.note ?? undefined}>
              {original.state}
            </Badge>
          ),
      },
    ],
    [session.role, isPending, doApprove, doWithdraw],
  );
  if (requests.error) return <ErrorState error={requests.error} onRetry={requests.refetch} />;
  return (
    <Panel flush {...(title && { title })}>
      <DataTable
        label="Budget requests"
        rows={requests.rows}
        columns={columns}
        rowId={(request) => request.id}
        onEnd={requests.loadMore}
        empty={
          <EmptyState small={title !== undefined} title="Nobody has asked for more">
            Members ask on the page of their team; what is approved becomes a grant that ends by itself.
          </EmptyState>
        }
      />
      <Ask
        open={denying !== null}
        onClose={() => setDenying(null)}
        title={`Deny the request of ${denying?.team.name ?? ''}?`}
        action="Deny"
        reason
        onConfirm={(note) => deny.mutateAsync({ id: denying?.id ?? '', note })}
      >
        The team is told the reason.
      </Ask>
    </Panel>
  );
}

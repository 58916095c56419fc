import type { Team } from '@reelgate/contract/admin';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Plus, Snowflake } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useForm } from 'react-hook-form';
import { admin, useAdminList, useChange } from '../../api/admin.ts';
import { useSession } from '../../session/session.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { type ColumnDef, DataTable, type SortingState } from '../../ui/data-table.tsx';
import { EmptyState, ErrorState } from '../../ui/feedback.tsx';
import { TextField } from '../../ui/field.tsx';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { formatDateTime, formatNumber } from '../../ui/format.ts';
import { PageHeader, Panel } from '../../ui/panel.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { TeamLink } from '../../ui/team-link.tsx';
import { Ago, Money, NoData } from '../../ui/values.tsx';
import { BudgetBar, RunsOut } from './budget.tsx';
import { Requests } from './requests.tsx';
import { TeamActions } from './team-actions.tsx';

export default function Teams() {
  const session = useSession();
  const { tab = 'teams', q = '' } = useSearch({ from: '/inside/teams' });
  const navigate = useNavigate({ from: '/teams' });
  const [creating, setCreating] = useState(false);
  const open = useAdminList('/budget-requests', { query: { state: 'open', limit: 200 } });
  return (
    <>
      <PageHeader
        title="Teams and quotas"
        actions={
          <>
            {tab === 'teams' && (
              <SearchField
                label="Find a team"
                value={q}
                onSearch={(text) =>
                  void navigate({ search: (before) => ({ ...before, q: text || undefined }), replace: true })
                }
              />
            )}
            {session.role === 'admin' && (
              <Button look="primary" onClick={() => setCreating(true)}>
                <Plus aria-hidden className="size-4" /> New team
              </Button>
            )}
          </>
        }
      />
      <Tabs
        label="Teams and requests"
        current={tab}
        tabs={[
          { id: 'teams', label: 'Teams' },
          { id: 'requests', label: 'Requests', count: open.rows?.length },
        ]}
      />
      {tab === 'requests' ? <Requests /> : <TeamTable q={q} />}
      {creating && <NewTeam onClose={() => setCreating(false)} />}
    </>
  );
}

function TeamTable({ q }: { q: string }) {
  const navigate = useNavigate();
  const teams = useAdminList('/teams', { query: { q: q || undefined, limit: 200 } });
  const columns = useMemo(() => teamColumns(), []);
  const [sorting, setSorting] = useState<SortingState>([]);
  const rows = useMemo(() => sorted(teams.rows, sorting[0]), [teams.rows, sorting]);
  if (teams.error) return <ErrorState error={teams.error} onRetry={teams.refetch} />;
  return (
    <Panel flush>
      <DataTable
        label="Teams"
        rows={rows}
        columns={columns}
        rowId={(team) => team.id}
        // Only where all of them are here: the order of a part would tell nothing.
        {...(!teams.hasMore && { sorting, onSortingChange: setSorting })}
        rowHeight={52}
        onOpen={(team) => void navigate({ to: '/teams/$teamId', params: { teamId: team.id } })}
        onEnd={teams.loadMore}
        empty={
          q ? (
            <EmptyState title={`No team is called “${q}”`} />
          ) : (
            <EmptyState title="No teams yet" code="npm run reelgate -- team create films">
              A team owns keys, videos and quotas. Make the first here or by the command line.
            </EmptyState>
          )
        }
      />
    </Panel>
  );
}

/** What a column is sorted by; the largest first, but for names and dates. */
const SORT_BY = {
  team: ({ name }) => name,
  budget: ({ budget }) => Number(budget?.used_micro_usd ?? -1),
  left: ({ budget }) => Number(budget?.left_micro_usd ?? -1),
  burn: ({ budget }) => Number(budget?.burn_per_day_micro_usd ?? -1),
  runs_out: ({ budget }) => budget?.runs_out_at ?? '9999',
  keys: ({ keys }) => keys,
  active: ({ active_videos: active }) => active,
} satisfies Record<string, (team: Team) => string | number>;

function sorted(teams: readonly Team[] | undefined, by: SortingState[number] | undefined) {
  const keyOf = by && SORT_BY[by.id as keyof typeof SORT_BY];
  if (!teams || !keyOf) return teams;
  const order = (a: string | number, b: string | number) => (a < b ? -1 : a > b ? 1 : 0);
  return [...teams].sort((a, b) => order(keyOf(a), keyOf(b)) * (by.desc ? -1 : 1));
}

function teamColumns(): ColumnDef<Team>[] {
  return [
    {
      id: 'team',
      accessorFn: SORT_BY.team,
      sortDescFirst: false,
      header: 'Team',
      cell: ({ row: { original: team } }) => (
        <span className="flex items-center gap-2">
          <TeamLink team={team} className="max-w-48 truncate font-medium" />
          {team.state === 'frozen' && (
            <Badge
              tone="info"
              icon={Snowflake}
              title={team.frozen_by ? `By ${team.frozen_by.name}: ${team.frozen_reason}` : undefined}
            >
              Frozen
            </Badge>
          )}
        </span>
      ),
    },
    {
      id: 'budget',
      accessorFn: SORT_BY.budget,
      sortDescFirst: true,
      header: 'Budget',
      meta: { width: '26%' },
      cell: ({
        row: {
          original: { budget },
        },
      }) =>
        budget ? (
          <div className="min-w-24 md:min-w-36">
            <div className="mb-1 flex justify-between gap-2 text-xs">
              <Money value={budget.used_micro_usd} />
              <span className="text-ink-faint">
                {budget.limit_micro_usd === null ? 'no limit' : <Money value={budget.limit_micro_usd} />}
              </span>
            </div>
            <BudgetBar budget={budget} />
          </div>
        ) : (
          <span className="text-ink-faint text-xs">no budget</span>
        ),
    },
    {
      id: 'left',
      accessorFn: SORT_BY.left,
      sortDescFirst: true,
      header: 'Left',
      meta: { align: 'right', narrow: 'named' },
      cell: ({ row }) => <Money value={row.original.budget?.left_micro_usd} />,
    },
    {
      id: 'burn',
      accessorFn: SORT_BY.burn,
      sortDescFirst: true,
      header: 'A day',
      meta: { align: 'right', narrow: 'out' },
      cell: ({ row }) => <Money value={row.original.budget?.burn_per_day_micro_usd} />,
    },
    {
      id: 'runs_out',
      accessorFn: SORT_BY.runs_out,
      sortDescFirst: false,
      header: 'Runs out',
      meta: { narrow: 'out' },
      cell: ({ row }) => (row.original.budget ? <RunsOut budget={row.original.budget} /> : <NoData />),
    },
    {
      id: 'resets',
      header: 'Resets',
      meta: { narrow: 'out' },
      cell: ({
        row: {
          original: { budget },
        },
      }) =>
        budget?.resets_at ? (
          <span className="text-ink-soft" title={`${formatDateTime(budget.resets_at)} (${budget.time_zone})`}>
            <Ago at={budget.resets_at} />
          </span>
        ) : (
          <NoData title="Never" />
        ),
    },
    {
      id: 'keys',
      accessorFn: SORT_BY.keys,
      sortDescFirst: true,
      header: 'Keys',
      meta: { align: 'right', narrow: 'out' },
      cell: ({ row }) => (
        <Link
          to="/keys"
          search={{ team: row.original.id }}
          aria-label={`${row.original.keys} keys of ${row.original.name}`}
          className="underline-offset-4 hover:underline"
        >
          {formatNumber(row.original.keys)}
        </Link>
      ),
    },
    {
      id: 'active',
      accessorFn: SORT_BY.active,
      sortDescFirst: true,
      header: 'Running',
      meta: { align: 'right', narrow: 'out' },
      cell: ({ row: { original: team } }) => (
        <span title="Videos under way, and how many may be">
          {formatNumber(team.active_videos)}
          <span className="text-ink-faint"> / {team.concurrency_limit ?? '∞'}</span>
        </span>
      ),
    },
    {
      id: 'actions',
      header: () => <span className="sr-only">Actions</span>,
      meta: { align: 'right', width: '3rem' },
      cell: ({ row }) => <TeamActions team={row.original} />,
    },
  ];
}

function NewTeam({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const form = useForm({ defaultValues: { name: '' } });
  const create = useChange((name: string) => admin.post('/teams', { body: { name } }), {
    quiet: true,
    done: ({ name }) => `Made the team ${name}.`,
    onDone: ({ id }) => {
      onClose();
      void navigate({ to: '/teams/$teamId', params: { teamId: id } });
    },
  });
  return (
    <FormDialog
      form={form}
      title="New team"
      description="It begins with the quotas that Settings has for new teams."
      action="Make the team"
      onSubmit={({ name }) => create.mutateAsync(name.trim())}
      onClose={onClose}
    >
      <TextField
        label="Name"
        autoFocus
        maxLength={100}
        placeholder="films"
        {...form.register('name', { validate: (text) => text.trim() !== '' || 'A name' })}
        error={form.formState.errors.name?.message}
      />
    </FormDialog>
  );
}

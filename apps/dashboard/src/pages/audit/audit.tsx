import type { AuditEntry } from '@reelgate/contract/admin';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Bot, Cog, Download, KeyRound, ShieldCheck, Terminal, User } from 'lucide-react';
import { useMemo, useState } from 'react';
import { admin, csvUrl, LIVE_MS, useAdminList, useChange } from '../../api/admin.ts';
import { periodOf, useRange } from '../../shell/time-range.tsx';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Id } from '../../ui/copy.tsx';
import { type ColumnDef, DataTable } from '../../ui/data-table.tsx';
import { EmptyState, ErrorState } from '../../ui/feedback.tsx';
import { TextField } from '../../ui/field.tsx';
import { formatDateTime, formatNumber } from '../../ui/format.ts';
import { Dialog } from '../../ui/overlay.tsx';
import { PageHeader, Panel } from '../../ui/panel.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import { ShowMore } from '../../ui/show-more.tsx';
import { tellDone, tellFailed } from '../../ui/toast.tsx';
import { Ago } from '../../ui/values.tsx';
import { Difference } from './difference.tsx';

const ACTORS = { admin_key: KeyRound, user: User, api_key: Bot, cli: Terminal, system: Cog } as const;
const ACTOR_WORDS = {
  admin_key: 'admin key',
  user: 'person',
  api_key: 'API key',
  cli: 'command line',
  system: 'Reelgate',
} as const;

export default function Audit() {
  const range = useRange();
  const search = useSearch({ from: '/inside/audit' });
  const navigate = useNavigate({ from: '/audit' });
  const [opened, setOpened] = useState<AuditEntry | null>(null);
  const isRanged = range.range !== undefined || range.from !== undefined;
  const query = {
    ...(isRanged && periodOf(range)),
    action: search.action || undefined,
    actor_id: search.actor || undefined,
    target: search.target || undefined,
    team_id: search.team || undefined,
    request_id: search.request_id || undefined,
  };
  const entries = useAdminList('/audit', { query: { ...query, limit: 100 } }, { refetchInterval: LIVE_MS });
  const columns = useMemo(auditColumns, []);
  const filter = (change: Partial<typeof search>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  return (
    <>
      <PageHeader
        title="Audit"
        note="Every change, by whom, from where, before and after. Rows can only be added."
        actions={
          <>
            <VerifyButton />
            <a href={csvUrl('/audit.csv', query)} download className={buttonClass()}>
              <Download aria-hidden className="size-3.5" /> CSV
            </a>
          </>
        }
      />
      <div className="mb-3 flex flex-wrap gap-2">
        <SearchField
          label="Action, e.g. team.freeze"
          value={search.action ?? ''}
          onSearch={(text) => filter({ action: text || undefined })}
        />
        {(['target', 'actor', 'request_id'] as const).map((name) => (
          <TextField
            key={name}
            label={name === 'request_id' ? 'Request id' : name === 'target' ? 'Target id' : 'Actor id'}
            labelHidden
            placeholder={name === 'request_id' ? 'Request id' : name === 'target' ? 'Target id' : 'Actor id'}
            className="w-full sm:w-44"
            defaultValue={search[name] ?? ''}
            onBlur={(event) => filter({ [name]: event.target.value.trim() || undefined })}
            onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
          />
        ))}
      </div>
      {entries.error ? (
        <ErrorState error={entries.error} onRetry={entries.refetch} />
      ) : (
        <Panel flush>
          <DataTable
            label="Changes"
            rows={entries.rows}
            columns={columns}
            rowId={(entry) => entry.id}
            onOpen={setOpened}
            onEnd={entries.loadMore}
            footer={<ShowMore list={entries} />}
            empty={
              <EmptyState
                title="No change matches"
                code={`curl ${window.location.origin}/admin/v1/audit -H "Authorization: Bearer $ADMIN_KEY"`}
              >
                What people, keys and the command line change is written here in the same transaction.
              </EmptyState>
            }
          />
        </Panel>
      )}
      <Dialog
        side
        open={opened !== null}
        onOpenChange={(open) => !open && setOpened(null)}
        title={opened?.action ?? ''}
        description={opened ? formatDateTime(opened.at) : undefined}
      >
        {opened && <Entry entry={opened} />}
      </Dialog>
    </>
  );
}

function auditColumns(): ColumnDef<AuditEntry>[] {
  return [
    {
      id: 'at',
      header: 'When',
      meta: { width: '7rem' },
      cell: ({ row: { original } }) => <Ago at={original.at} />,
    },
    {
      id: 'actor',
      header: 'Who',
      meta: { narrow: 'beneath' },
      cell: ({
        row: {
          original: { actor },
        },
      }) => {
        const Icon = ACTORS[actor.kind];
        return (
          <span className="flex max-w-56 items-center gap-1.5">
            <Icon aria-label={ACTOR_WORDS[actor.kind]} className="size-3.5 shrink-0 text-ink-faint" />
            <span className="truncate">{actor.name}</span>
          </span>
        );
      },
    },
    {
      id: 'action',
      header: 'What',
      cell: ({ row: { original } }) => <code className="font-mono text-xs">{original.action}</code>,
    },
    {
      id: 'target',
      header: 'On',
      meta: { narrow: 'out' },
      cell: ({ row: { original } }) =>
        original.target_name === null ? (
          <Id id={original.target} />
        ) : (
          <span className="block max-w-56 truncate" title={original.target}>
            {original.target_name}
          </span>
        ),
    },
    {
      id: 'reason',
      header: 'Why',
      meta: { narrow: 'beneath' },
      cell: ({ row: { original } }) => (
        <span className="line-clamp-1 max-w-64 text-ink-soft">{original.reason}</span>
      ),
    },
    {
      id: 'ip',
      header: 'From',
      meta: { narrow: 'out', align: 'right' },
      cell: ({ row: { original } }) => (
        <span className="font-mono text-ink-faint text-xs">{original.ip}</span>
      ),
    },
    {
      id: 'open',
      header: () => <span className="sr-only">Difference</span>,
      meta: { align: 'right', width: '4rem', narrow: 'out' },
      cell: ({ row: { original } }) => (
        <span className="whitespace-nowrap text-ink-faint text-xs">
          {formatNumber(Object.keys({ ...original.before, ...original.after }).length)} fields
        </span>
      ),
    },
  ];
}

function Entry({ entry }: { entry: AuditEntry }) {
  const facts = [
    [
      'Who',
      entry.actor.name === ACTOR_WORDS[entry.actor.kind]
        ? entry.actor.name
        : `${entry.actor.name} (${ACTOR_WORDS[entry.actor.kind]})`,
    ],
    ['On', entry.target_name],
    ['Why', entry.reason],
    ['From', entry.ip],
  ] as const;
  const ids = [
    ['Target', entry.target],
    ['Team', entry.team_id],
    ['Actor', entry.actor.id],
    ['Request', entry.request_id],
  ] as const;
  return (
    <div className="space-y-5">
      <dl className="grid grid-cols-[5rem_1fr] items-center gap-y-1.5 text-sm">
        {facts.map(([name, value]) =>
          value === null ? null : (
            <div key={name} className="contents">
              <dt className="text-ink-faint">{name}</dt>
              <dd className="break-words">{value}</dd>
            </div>
          ),
        )}
        {ids.map(([name, value]) =>
          value === null ? null : (
            <div key={name} className="contents">
              <dt className="text-ink-faint">{name}</dt>
              <dd>
                <Id id={value} />
              </dd>
            </div>
          ),
        )}
      </dl>
      <Difference before={entry.before} after={entry.after} />
      <p
        className="break-all font-mono text-2xs text-ink-faint"
        title="Covers this row and the hash of the one before"
      >
        {entry.hash}
      </p>
    </div>
  );
}

function VerifyButton() {
  const verify = useChange(() => admin.post('/audit/verify', {}), {
    onDone: ({ intact, entries, broken }) => {
      if (intact) tellDone(`All ${formatNumber(entries)} rows are as they were written.`);
      else tellFailed(`${broken.length} rows have been changed.`);
    },
  });
  return (
    <Button onClick={() => verify.mutate(undefined)} busy={verify.isPending}>
      <ShieldCheck aria-hidden className="size-3.5" /> Verify
    </Button>
  );
}

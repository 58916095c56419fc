import type { ApiKey } from '@reelgate/contract/admin';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import {
  Ban,
  CircleCheck,
  Clock,
  MoreHorizontal,
  Pause,
  Pencil,
  Play,
  Plus,
  RotateCw,
  Trash2,
} from 'lucide-react';
import { useMemo, useState } from 'react';
import { type AnswerOf, admin, useAdmin, useAdminList, useChange } from '../../api/admin.ts';
import { canManage, useSession } from '../../session/session.ts';
import { Ask } from '../../ui/ask.tsx';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { type ColumnDef, DataTable } from '../../ui/data-table.tsx';
import { EmptyState, ErrorState } from '../../ui/feedback.tsx';
import { SelectField } from '../../ui/field.tsx';
import { formatDate, formatNumber } from '../../ui/format.ts';
import { Menu, MenuItem, MenuSeparator } from '../../ui/overlay.tsx';
import { PageHeader, Panel } from '../../ui/panel.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { Ago, Money, NoData } from '../../ui/values.tsx';
import { AdminKeys } from './admin-keys.tsx';
import { KeyForm } from './key-form.tsx';
import { RotateForm } from './rotate-form.tsx';
import { SecretOnce } from './secret-once.tsx';

const STATES = {
  active: { tone: 'good', icon: CircleCheck },
  paused: { tone: 'warn', icon: Pause },
  revoked: { tone: 'bad', icon: Ban },
  expired: { tone: 'plain', icon: Clock },
} as const satisfies Record<ApiKey['state'], { tone: Tone; icon: unknown }>;

type Created = AnswerOf<'post', '/keys'>;
type Shown = { readonly created: Created; readonly note?: string };

export default function Keys() {
  const session = useSession();
  const { tab = 'keys' } = useSearch({ from: '/inside/keys' });
  const isAdmin = session.role === 'admin';
  const [creating, setCreating] = useState(false);
  const [shown, setShown] = useState<Shown | null>(null);
  const { team } = useSearch({ from: '/inside/keys' });
  const mayCreate = isAdmin || session.teams.some(({ id }) => canManage(session, id));
  return (
    <>
      <PageHeader
        title="Keys"
        actions={
          tab === 'keys' && (
            <>
              <Filters />
              {mayCreate && (
                <Button look="primary" onClick={() => setCreating(true)}>
                  <Plus aria-hidden className="size-4" /> New key
                </Button>
              )}
            </>
          )
        }
      />
      {isAdmin && (
        <Tabs
          label="Kinds of keys"
          current={tab}
          tabs={[
            { id: 'keys', label: 'API keys of teams' },
            { id: 'admin', label: 'Keys of the Admin API' },
          ]}
        />
      )}
      {tab === 'admin' && isAdmin ? <AdminKeys /> : <KeyTable onSecret={setShown} />}
      {creating && (
        <KeyForm
          teamId={team}
          onClose={() => setCreating(false)}
          onCreated={(created) => {
            setCreating(false);
            setShown({ created });
          }}
        />
      )}
      {shown && (
        <SecretOnce
          name={shown.created.name}
          secret={shown.created.secret}
          note={shown.note}
          onClose={() => setShown(null)}
        />
      )}
    </>
  );
}

function Filters() {
  const navigate = useNavigate({ from: '/keys' });
  const { q = '', state = '', team = '' } = useSearch({ from: '/inside/keys' });
  const teams = useAdmin('/teams', { query: { limit: 200 } });
  return (
    <>
      <SelectField
        label="Team"
        labelHidden
        value={team}
        onChange={(event) =>
          void navigate({ search: (before) => ({ ...before, team: event.target.value || undefined }) })
        }
      >
        <option value="">All teams</option>
        {teams.data?.data.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      <SelectField
        label="State"
        labelHidden
        value={state}
        onChange={(event) =>
          void navigate({ search: (before) => ({ ...before, state: event.target.value || undefined }) })
        }
      >
        <option value="">Every state</option>
        {Object.keys(STATES).map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </SelectField>
      <SearchField
        label="Name or prefix"
        value={q}
        onSearch={(text) =>
          void navigate({ search: (before) => ({ ...before, q: text || undefined }), replace: true })
        }
      />
    </>
  );
}

function KeyTable({ onSecret }: { onSecret: (shown: Shown) => void }) {
  const { q, state, team } = useSearch({ from: '/inside/keys' });
  const keys = useAdminList('/keys', {
    query: { q: q || undefined, state: state || undefined, team_id: team || undefined, limit: 100 },
  });
  const columns = useMemo(() => keyColumns(onSecret), [onSecret]);
  const isFiltered = Boolean(q || state || team);
  if (keys.error) return <ErrorState error={keys.error} onRetry={keys.refetch} />;
  return (
    <Panel flush>
      <DataTable
        label="API keys"
        rows={keys.rows}
        columns={columns}
        rowId={(key) => key.id}
        rowHeight={48}
        onEnd={keys.loadMore}
        footer={
          keys.hasMore && (
            <div className="border-t p-2 text-center">
              <Button small onClick={keys.loadMore}>
                Show more
              </Button>
            </div>
          )
        }
        empty={
          isFiltered ? (
            <EmptyState title="No key matches" />
          ) : (
            <EmptyState title="No keys yet" code="npm run reelgate -- key create --team films">
              A team's programs call <code>/v1</code> with a key. Make one here or by the command line.
            </EmptyState>
          )
        }
      />
    </Panel>
  );
}

function keyColumns(onSecret: (shown: Shown) => void): ColumnDef<ApiKey>[] {
  return [
    {
      id: 'name',
      header: 'Key',
      cell: ({ row: { original: key } }) => (
        <span className="block max-w-56">
          <span className="flex items-center gap-1.5">
            <span className="truncate font-medium">{key.name}</span>
            {key.kind === 'test' && <Badge tone="info">test</Badge>}
          </span>
          <code className="font-mono text-ink-faint text-xs">{key.prefix}…</code>
        </span>
      ),
    },
    {
      id: 'team',
      header: 'Team',
      cell: ({
        row: {
          original: { team },
        },
      }) => (
        <Link
          to="/teams/$teamId"
          params={{ teamId: team.id }}
          className="block max-w-36 truncate underline-offset-4 hover:underline"
        >
          {team.name}
        </Link>
      ),
    },
    {
      id: 'state',
      header: 'State',
      cell: ({ row: { original: key } }) => (
        <Badge
          tone={STATES[key.state].tone}
          icon={STATES[key.state].icon}
          title={key.paused_reason ?? undefined}
        >
          {key.state}
        </Badge>
      ),
    },
    {
      id: 'may',
      header: 'May',
      meta: { wideOnly: true },
      cell: ({ row: { original: key } }) => (
        <span className="block max-w-56 truncate text-ink-soft text-xs" title={key.scopes.join(', ')}>
          {key.scopes.length} scopes · {key.allowed_models?.join(', ') ?? 'all models'}
        </span>
      ),
    },
    {
      id: 'limit',
      header: 'A minute',
      meta: { align: 'right', wideOnly: true },
      cell: ({ row: { original: key } }) =>
        key.requests_per_minute === null ? (
          <NoData title="No limit" />
        ) : (
          formatNumber(key.requests_per_minute)
        ),
    },
    {
      id: 'expires',
      header: 'Expires',
      meta: { wideOnly: true },
      cell: ({ row: { original: key } }) =>
        key.expires_at === null ? <NoData title="Never" /> : formatDate(key.expires_at),
    },
    {
      id: 'used',
      header: 'Last used',
      meta: { wideOnly: true },
      cell: ({ row: { original: key } }) =>
        key.last_used_at === null ? (
          <span className="text-ink-faint">never</span>
        ) : (
          <Ago at={key.last_used_at} />
        ),
    },
    {
      id: 'spend',
      header: 'This month',
      meta: { align: 'right' },
      cell: ({ row: { original: key } }) => (
        <Link
          to="/videos"
          search={{ key: key.id } as never}
          className="underline-offset-4 hover:underline"
          title={`Videos of ${key.name}`}
        >
          <Money value={key.spend_this_month_micro_usd} />
        </Link>
      ),
    },
    {
      id: 'actions',
      header: () => <span className="sr-only">Actions</span>,
      meta: { align: 'right', width: '3rem' },
      cell: ({ row }) => <KeyActions apiKey={row.original} onSecret={onSecret} />,
    },
  ];
}

function KeyActions({ apiKey, onSecret }: { apiKey: ApiKey; onSecret: (shown: Shown) => void }) {
  const session = useSession();
  const [action, setAction] = useState<'edit' | 'rotate' | 'pause' | 'revoke' | null>(null);
  const params = { key_id: apiKey.id };
  const pause = useChange(
    (reason: string) => admin.post('/keys/{key_id}/pause', { params, body: { reason } }),
    { quiet: true, done: () => `${apiKey.name} is paused.` },
  );
  const resume = useChange(() => admin.post('/keys/{key_id}/resume', { params }), {
    done: () => `${apiKey.name} works again.`,
  });
  const revoke = useChange(() => admin.post('/keys/{key_id}/revoke', { params }), {
    quiet: true,
    done: () => `${apiKey.name} is revoked.`,
  });
  const close = () => setAction(null);
  if (!canManage(session, apiKey.team.id) || apiKey.state === 'revoked') return null;
  return (
    <>
      <Menu
        trigger={
          <IconButton label={`Actions for ${apiKey.name}`}>
            <MoreHorizontal className="size-4" />
          </IconButton>
        }
      >
        <MenuItem onSelect={() => setAction('edit')}>
          <Pencil className="size-4" /> Change…
        </MenuItem>
        <MenuItem onSelect={() => setAction('rotate')}>
          <RotateCw className="size-4" /> Rotate…
        </MenuItem>
        {apiKey.state === 'paused' ? (
          <MenuItem onSelect={() => resume.mutate(undefined)}>
            <Play className="size-4" /> Resume
          </MenuItem>
        ) : (
          <MenuItem onSelect={() => setAction('pause')}>
            <Pause className="size-4" /> Pause…
          </MenuItem>
        )}
        <MenuSeparator />
        <MenuItem danger onSelect={() => setAction('revoke')}>
          <Trash2 className="size-4" /> Revoke…
        </MenuItem>
      </Menu>
      {action === 'edit' && <KeyForm apiKey={apiKey} onClose={close} />}
      {action === 'rotate' && (
        <RotateForm
          apiKey={apiKey}
          onClose={close}
          onRotated={(created, note) => {
            close();
            onSecret({ created, note });
          }}
        />
      )}
      <Ask
        open={action === 'pause'}
        onClose={close}
        title={`Pause ${apiKey.name}?`}
        action="Pause"
        reason
        onConfirm={(reason) => pause.mutateAsync(reason)}
      >
        It makes no new videos until somebody resumes it. Everything else goes on.
      </Ask>
      <Ask
        open={action === 'revoke'}
        onClose={close}
        title={`Revoke ${apiKey.name}?`}
        action="Revoke"
        danger
        typed={apiKey.name}
        onConfirm={() => revoke.mutateAsync(undefined)}
      >
        Every gateway refuses <code className="font-mono">{apiKey.prefix}…</code> within five seconds. It
        cannot be undone; to change a key without a gap, rotate it.
      </Ask>
    </>
  );
}

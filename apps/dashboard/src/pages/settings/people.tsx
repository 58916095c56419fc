import type { User } from '@reelgate/contract/admin';
import { LogOut, MoreHorizontal, Pencil, Plus, UserCheck, UserX } from 'lucide-react';
import { useMemo, useState } from 'react';
import { admin, useAdminList, useChange } from '../../api/admin.ts';
import { useSession } from '../../session/session.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { type ColumnDef, DataTable } from '../../ui/data-table.tsx';
import { EmptyState, ErrorState } from '../../ui/feedback.tsx';
import { Menu, MenuItem } from '../../ui/overlay.tsx';
import { Panel } from '../../ui/panel.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import { Ago } from '../../ui/values.tsx';
import { SecretOnce } from '../keys/secret-once.tsx';
import { PersonForm } from './person-form.tsx';

const ROLE_TONES = { admin: 'accent', manager: 'info', member: 'plain' } as const;

/** Who may sign in, and what they may. */
export function People() {
  const [q, setQ] = useState('');
  const users = useAdminList('/users', { query: { q: q || undefined, limit: 100 } });
  const [editing, setEditing] = useState<User | 'new' | null>(null);
  const [password, setPassword] = useState<{ name: string; password: string } | null>(null);
  const columns = useMemo(() => peopleColumns(setEditing), []);
  return (
    <Panel
      flush
      title="People"
      actions={
        <>
          <SearchField label="Name or e-mail" value={q} onSearch={setQ} />
          <Button look="primary" onClick={() => setEditing('new')}>
            <Plus aria-hidden className="size-4" /> Add
          </Button>
        </>
      }
    >
      {users.error ? (
        <ErrorState error={users.error} onRetry={users.refetch} />
      ) : (
        <DataTable
          label="People"
          rows={users.rows}
          columns={columns}
          rowId={(user) => user.id}
          onEnd={users.loadMore}
          empty={
            <EmptyState
              title="Nobody matches"
              code="npm run reelgate -- user create jo@example.com --role member"
            />
          }
        />
      )}
      {editing && (
        <PersonForm
          user={editing === 'new' ? null : editing}
          onClose={() => setEditing(null)}
          onCreated={(created) => {
            setEditing(null);
            if (created.password !== null) setPassword({ name: created.name, password: created.password });
          }}
        />
      )}
      {password && (
        <SecretOnce
          name={`Password of ${password.name}`}
          secret={password.password}
          note="To sign in with the first time; they change it under Settings."
          withSnippets={false}
          onClose={() => setPassword(null)}
        />
      )}
    </Panel>
  );
}

function peopleColumns(onEdit: (user: User) => void): ColumnDef<User>[] {
  return [
    {
      id: 'person',
      header: 'Person',
      cell: ({ row: { original: user } }) => (
        <span className="block max-w-64">
          <span className="flex items-center gap-1.5">
            <span className="truncate font-medium">{user.name}</span>
            {user.disabled && <Badge tone="bad">disabled</Badge>}
          </span>
          <span className="block truncate text-ink-faint text-xs">{user.email}</span>
        </span>
      ),
    },
    {
      id: 'role',
      header: 'Role',
      meta: { narrow: 'beneath' },
      cell: ({ row: { original: user } }) => <Badge tone={ROLE_TONES[user.role]}>{user.role}</Badge>,
    },
    {
      id: 'teams',
      header: 'Teams',
      meta: { narrow: 'beneath' },
      cell: ({ row: { original: user } }) => (
        <span className="line-clamp-1 max-w-80 text-ink-soft">
          {user.role === 'admin' ? 'all' : user.teams.map(({ name }) => name).join(', ')}
        </span>
      ),
    },
    {
      id: 'seen',
      header: 'Last seen',
      meta: { narrow: 'out' },
      cell: ({ row: { original: user } }) =>
        user.last_seen_at ? <Ago at={user.last_seen_at} /> : <span className="text-ink-faint">never</span>,
    },
    {
      id: 'actions',
      header: () => <span className="sr-only">Actions</span>,
      meta: { align: 'right', width: '3rem' },
      cell: ({ row }) => <PersonActions user={row.original} onEdit={onEdit} />,
    },
  ];
}

function PersonActions({ user, onEdit }: { user: User; onEdit: (user: User) => void }) {
  const session = useSession();
  const params = { user_id: user.id };
  const setDisabled = useChange(
    (disabled: boolean) =>
      admin.patch('/users/{user_id}', { params, body: { disabled, version: user.version } }),
    {
      done: ({ name, disabled }) =>
        disabled ? `${name} can no longer sign in.` : `${name} can sign in again.`,
      undo:
        ({ disabled, version }) =>
        () =>
          admin.patch('/users/{user_id}', { params, body: { disabled: !disabled, version } }),
    },
  );
  const signOut = useChange(() => admin.post('/users/{user_id}/sign-out', { params }), {
    done: () => `${user.name} is signed out everywhere.`,
  });
  const isSelf = session.user.id === user.id;
  return (
    <Menu
      trigger={
        <IconButton label={`Actions for ${user.name}`}>
          <MoreHorizontal className="size-4" />
        </IconButton>
      }
    >
      <MenuItem onSelect={() => onEdit(user)}>
        <Pencil className="size-4" /> Change…
      </MenuItem>
      <MenuItem onSelect={() => signOut.mutate(undefined)}>
        <LogOut className="size-4" /> Sign out everywhere
      </MenuItem>
      {user.disabled ? (
        <MenuItem onSelect={() => setDisabled.mutate(false)}>
          <UserCheck className="size-4" /> Let sign in again
        </MenuItem>
      ) : (
        <MenuItem danger disabled={isSelf} onSelect={() => setDisabled.mutate(true)}>
          <UserX className="size-4" /> Disable
        </MenuItem>
      )}
    </Menu>
  );
}

import type { User } from '@reelgate/contract/admin';
import { LogOut, MoreHorizontal, Pencil, Plus, UserCheck, UserX } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useForm } from 'react-hook-form';
import { admin, useAdmin, useAdminList, useChange } from '../../api/admin.ts';
import { ApiFailure } from '../../api/client.ts';
import { useSession } from '../../session/session.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { type ColumnDef, DataTable } from '../../ui/data-table.tsx';
import { EmptyState, ErrorState } from '../../ui/feedback.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { Dialog, Menu, MenuItem } from '../../ui/overlay.tsx';
import { Panel } from '../../ui/panel.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import { Ago } from '../../ui/values.tsx';
import { SecretOnce } from '../keys/secret-once.tsx';

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
      cell: ({ row: { original: user } }) => <Badge tone={ROLE_TONES[user.role]}>{user.role}</Badge>,
    },
    {
      id: 'teams',
      header: 'Teams',
      meta: { wideOnly: true },
      cell: ({ row: { original: user } }) => (
        <span className="line-clamp-1 max-w-80 text-ink-soft">
          {user.role === 'admin' ? 'all' : user.teams.map(({ name }) => name).join(', ')}
        </span>
      ),
    },
    {
      id: 'seen',
      header: 'Last seen',
      meta: { wideOnly: true },
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

interface Form {
  readonly email: string;
  readonly name: string;
  readonly role: User['role'];
  readonly team_ids: string[];
}

function PersonForm({
  user,
  onClose,
  onCreated,
}: {
  user: User | null;
  onClose: () => void;
  onCreated: (created: { name: string; password: string | null }) => void;
}) {
  const teams = useAdmin('/teams', { query: { limit: 200 } });
  const { register, handleSubmit, watch, formState, setError } = useForm<Form>({
    defaultValues: {
      email: user?.email ?? '',
      name: user?.name ?? '',
      role: user?.role ?? 'member',
      team_ids: user?.teams.map(({ id }) => id) ?? [],
    },
  });
  const save = useChange(
    async (form: Form) => {
      const name = form.name.trim();
      const team_ids = form.role === 'admin' ? [] : [...form.team_ids];
      if (user) {
        await admin.patch('/users/{user_id}', {
          params: { user_id: user.id },
          body: { name, role: form.role, team_ids, version: user.version },
        });
        return null;
      }
      return await admin.post('/users', {
        body: { email: form.email.trim(), name, role: form.role, team_ids },
      });
    },
    {
      quiet: true,
      done: (created) => (created ? `${created.name} can sign in.` : 'Saved.'),
      onDone: (created) => (created ? onCreated(created) : onClose()),
    },
  );
  const submit = handleSubmit((form) =>
    save.mutateAsync(form).then(
      () => undefined,
      (error: unknown) =>
        setError('root', {
          message: error instanceof ApiFailure ? error.message : 'The gateway cannot be reached.',
        }),
    ),
  );
  const { errors } = formState;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={user ? `Change ${user.name}` : 'Add a person'}
    >
      <form className="space-y-4" onSubmit={(event) => void submit(event)} noValidate>
        {!user && (
          <TextField
            label="E-mail"
            type="email"
            autoFocus
            {...register('email', {
              pattern: { value: /^\S+@\S+$/, message: 'An e-mail address' },
              required: 'An e-mail address',
            })}
            error={errors.email?.message}
          />
        )}
        <TextField
          label="Name"
          maxLength={100}
          {...register('name', { validate: (text) => text.trim() !== '' || 'A name' })}
          error={errors.name?.message}
        />
        <SelectField label="Role" {...register('role')}>
          <option value="member">member: sees its teams, may ask for more</option>
          <option value="manager">manager: changes its teams</option>
          <option value="admin">admin: everything</option>
        </SelectField>
        {watch('role') !== 'admin' && (
          <fieldset>
            <legend className="mb-1 font-medium text-sm">Teams</legend>
            <div className="grid max-h-48 grid-cols-2 gap-1.5 overflow-y-auto rounded-md border p-2.5">
              {teams.data?.data.map(({ id, name }) => (
                <label key={id} className="flex items-center gap-2 text-sm">
                  <input
                    type="checkbox"
                    value={id}
                    className="accent-(--accent-ground)"
                    {...register('team_ids')}
                  />
                  <span className="truncate">{name}</span>
                </label>
              ))}
            </div>
          </fieldset>
        )}
        {errors.root && (
          <p role="alert" className="text-bad text-sm">
            {errors.root.message}
          </p>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={formState.isSubmitting}>
            {user ? 'Save' : 'Add'}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

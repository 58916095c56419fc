import type { AdminKey } from '@reelgate/contract/admin';
import { Plus } from 'lucide-react';
import { useMemo, useState } from 'react';
import { type AnswerOf, admin, useAdminList, useChange } from '../../api/admin.ts';
import { Ask } from '../../ui/ask.tsx';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { type ColumnDef, DataTable } from '../../ui/data-table.tsx';
import { EmptyState, ErrorState } from '../../ui/feedback.tsx';
import { formatDate } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';
import { Ago, NoData } from '../../ui/values.tsx';
import { AdminKeyForm } from './admin-key-form.tsx';
import { SecretOnce } from './secret-once.tsx';

type Created = AnswerOf<'post', '/admin-keys'>;

/** The keys with which programs call the admin API. */
export function AdminKeys() {
  const keys = useAdminList('/admin-keys', { query: { limit: 100 } });
  const [creating, setCreating] = useState(false);
  const [created, setCreated] = useState<Created | null>(null);
  const [revoking, setRevoking] = useState<AdminKey | null>(null);
  const revoke = useChange(
    (id: string) => admin.post('/admin-keys/{admin_key_id}/revoke', { params: { admin_key_id: id } }),
    { quiet: true, done: ({ name }) => `${name} is revoked.` },
  );
  const columns = useMemo<ColumnDef<AdminKey>[]>(
    () => [
      {
        id: 'name',
        header: 'Key',
        cell: ({ row: { original: key } }) => (
          <span>
            <span className="font-medium">{key.name}</span>{' '}
            <code className="font-mono text-ink-faint text-xs">{key.prefix}…</code>
          </span>
        ),
      },
      {
        id: 'role',
        header: 'May',
        meta: { narrow: 'beneath' },
        cell: ({ row: { original: key } }) => (
          <span className="flex flex-wrap gap-1">
            <Badge tone="accent">{key.role}</Badge>
            {key.teams.map(({ id, name }) => (
              <Badge key={id}>{name}</Badge>
            ))}
          </span>
        ),
      },
      {
        id: 'state',
        header: 'State',
        meta: { narrow: 'beneath' },
        cell: ({ row: { original: key } }) => (
          <Badge tone={key.state === 'active' ? 'good' : 'plain'}>{key.state}</Badge>
        ),
      },
      {
        id: 'expires',
        header: 'Expires',
        meta: { narrow: 'named' },
        cell: ({ row: { original: key } }) =>
          key.expires_at ? formatDate(key.expires_at) : <NoData title="Never" />,
      },
      {
        id: 'used',
        header: 'Last used',
        meta: { narrow: 'out' },
        cell: ({ row: { original: key } }) => <Ago at={key.last_used_at} />,
      },
      {
        id: 'actions',
        header: () => <span className="sr-only">Actions</span>,
        meta: { align: 'right' },
        cell: ({ row: { original: key } }) =>
          key.state === 'active' && (
            <Button small onClick={() => setRevoking(key)}>
              Revoke
            </Button>
          ),
      },
    ],
    [],
  );
  return (
    <Panel
      flush
      title="Keys of the Admin API"
      note="For programs: Terraform, scripts, chargeback"
      actions={
        <Button small onClick={() => setCreating(true)}>
          <Plus aria-hidden className="size-3.5" /> New admin key
        </Button>
      }
    >
      {keys.error ? (
        <ErrorState error={keys.error} onRetry={keys.refetch} />
      ) : (
        <DataTable
          label="Keys of the Admin API"
          rows={keys.rows}
          columns={columns}
          rowId={(key) => key.id}
          empty={
            <EmptyState
              title="None"
              code={`curl ${window.location.origin}/admin/v1/teams -H "Authorization: Bearer $ADMIN_KEY"`}
            />
          }
        />
      )}
      {creating && (
        <AdminKeyForm
          onClose={() => setCreating(false)}
          onCreated={(made) => {
            setCreating(false);
            setCreated(made);
          }}
        />
      )}
      {created && (
        <SecretOnce
          name={created.name}
          secret={created.secret}
          withSnippets={false}
          onClose={() => setCreated(null)}
        />
      )}
      <Ask
        open={revoking !== null}
        onClose={() => setRevoking(null)}
        title={`Revoke ${revoking?.name ?? ''}?`}
        action="Revoke"
        danger
        typed={revoking?.name ?? ''}
        onConfirm={() => revoke.mutateAsync(revoking?.id ?? '')}
      >
        It cannot be undone.
      </Ask>
    </Panel>
  );
}

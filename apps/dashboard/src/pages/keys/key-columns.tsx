import type { ApiKey } from '@reelgate/contract/admin';
import { Link } from '@tanstack/react-router';
import { Ban, CircleCheck, Clock, MoreHorizontal, Pause, Pencil, Play, RotateCw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { type AnswerOf, admin, useChange } from '../../api/admin.ts';
import { canManage, canRelease, useSession } from '../../session/session.ts';
import { Ask } from '../../ui/ask.tsx';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { IconButton } from '../../ui/button.tsx';
import type { ColumnDef } from '../../ui/data-table.tsx';
import { formatDate, formatNumber } from '../../ui/format.ts';
import { Menu, MenuItem, MenuLabel, MenuSeparator } from '../../ui/overlay.tsx';
import { TeamLink } from '../../ui/team-link.tsx';
import { Ago, Money, NoData } from '../../ui/values.tsx';
import { KeyForm } from './key-form.tsx';
import { RotateForm } from './rotate-form.tsx';

export const KEY_STATES = {
  active: { tone: 'good', icon: CircleCheck },
  paused: { tone: 'warn', icon: Pause },
  revoked: { tone: 'bad', icon: Ban },
  expired: { tone: 'plain', icon: Clock },
} as const satisfies Record<ApiKey['state'], { tone: Tone; icon: unknown }>;

type Created = AnswerOf<'post', '/keys'>;
/** A secret that is shown this once. */
export type Shown = { readonly created: Created; readonly note?: string };

export function keyColumns(onSecret: (shown: Shown) => void): ColumnDef<ApiKey>[] {
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
      meta: { narrow: 'beneath' },
      cell: ({ row: { original } }) => <TeamLink team={original.team} className="block max-w-36 truncate" />,
    },
    {
      id: 'state',
      header: 'State',
      cell: ({ row: { original: key } }) => (
        <Badge
          tone={KEY_STATES[key.state].tone}
          icon={KEY_STATES[key.state].icon}
          title={key.paused_by ? `By ${key.paused_by.name}: ${key.paused_reason}` : undefined}
        >
          {key.state}
        </Badge>
      ),
    },
    {
      id: 'may',
      header: 'May',
      meta: { narrow: 'out' },
      cell: ({ row: { original: key } }) => (
        <span className="block max-w-56 truncate text-ink-soft text-xs" title={key.scopes.join(', ')}>
          {key.scopes.length} scopes · {key.allowed_models?.join(', ') ?? 'all models'}
        </span>
      ),
    },
    {
      id: 'limit',
      header: 'A minute',
      meta: { align: 'right', narrow: 'out' },
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
      meta: { narrow: 'out' },
      cell: ({ row: { original: key } }) =>
        key.expires_at === null ? <NoData title="Never" /> : formatDate(key.expires_at),
    },
    {
      id: 'used',
      header: 'Last used',
      meta: { narrow: 'out' },
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
      meta: { align: 'right', narrow: 'out' },
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
        {apiKey.state === 'paused' && !canRelease(session, apiKey.paused_by) ? (
          <MenuLabel>Paused by {apiKey.paused_by?.name}, an administrator, who can resume it</MenuLabel>
        ) : apiKey.state === 'paused' ? (
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

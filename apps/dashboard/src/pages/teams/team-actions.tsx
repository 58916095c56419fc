import type { Team } from '@reelgate/contract/admin';
import {
  Gift,
  HandCoins,
  KeyRound,
  MoreHorizontal,
  Pencil,
  SlidersHorizontal,
  Snowflake,
  Sun,
} from 'lucide-react';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { type AnswerOf, admin, useAdmin, useChange } from '../../api/admin.ts';
import { canManage, canRelease, useSession } from '../../session/session.ts';
import { Ask } from '../../ui/ask.tsx';
import { IconButton } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { Menu, MenuItem, MenuLabel } from '../../ui/overlay.tsx';
import { SecretOnce } from '../keys/secret-once.tsx';
import { AmountForm } from './amount-form.tsx';
import { LimitEditor } from './limit-editor.tsx';

type Action = 'limit' | 'grant' | 'request' | 'freeze' | 'change' | 'secret';

/** Everything that can be done to a team, as far as whoever looks may. */
export function TeamActions({ team }: { team: Team }) {
  const session = useSession();
  const [action, setAction] = useState<Action | null>(null);
  const isAdmin = session.role === 'admin';
  const manages = canManage(session, team.id);
  const params = { team_id: team.id };
  const freeze = useChange(
    (reason: string) => admin.post('/teams/{team_id}/freeze', { params, body: { reason } }),
    { quiet: true, done: () => `${team.name} is frozen: it makes no new videos.` },
  );
  const unfreeze = useChange(() => admin.post('/teams/{team_id}/unfreeze', { params }), {
    done: () => `${team.name} can make videos again.`,
  });
  const [rotated, setRotated] = useState<AnswerOf<'post', '/teams/{team_id}/rotate-webhook-secret'> | null>(
    null,
  );
  const rotate = useChange(() => admin.post('/teams/{team_id}/rotate-webhook-secret', { params }), {
    quiet: true,
    onDone: setRotated,
  });
  const close = () => setAction(null);
  return (
    <>
      <Menu
        trigger={
          <IconButton label={`Actions for ${team.name}`}>
            <MoreHorizontal className="size-4" />
          </IconButton>
        }
      >
        {isAdmin && team.budget && (
          <MenuItem onSelect={() => setAction('limit')}>
            <SlidersHorizontal className="size-4" /> Change the budget…
          </MenuItem>
        )}
        {isAdmin && team.budget && (
          <MenuItem onSelect={() => setAction('grant')}>
            <Gift className="size-4" /> Grant more for a time…
          </MenuItem>
        )}
        {!isAdmin && team.budget && (
          <MenuItem onSelect={() => setAction('request')}>
            <HandCoins className="size-4" /> Ask for more…
          </MenuItem>
        )}
        {manages && (
          <MenuItem onSelect={() => setAction('change')}>
            <Pencil className="size-4" /> Change…
          </MenuItem>
        )}
        {manages && (
          <MenuItem onSelect={() => setAction('secret')}>
            <KeyRound className="size-4" /> New webhook secret…
          </MenuItem>
        )}
        {manages &&
          (team.state === 'frozen' && !canRelease(session, team.frozen_by) ? (
            <MenuLabel>Frozen by {team.frozen_by?.name}, an administrator, who can unfreeze it</MenuLabel>
          ) : team.state === 'frozen' ? (
            <MenuItem onSelect={() => unfreeze.mutate(undefined)}>
              <Sun className="size-4" /> Unfreeze
            </MenuItem>
          ) : (
            <MenuItem danger onSelect={() => setAction('freeze')}>
              <Snowflake className="size-4" /> Freeze…
            </MenuItem>
          ))}
      </Menu>
      <Ask
        open={action === 'freeze'}
        onClose={close}
        title={`Freeze ${team.name}?`}
        action="Freeze"
        danger
        reason
        onConfirm={(reason) => freeze.mutateAsync(reason)}
      >
        It makes no new videos until somebody unfreezes it. The {team.active_videos} under way go on.
      </Ask>
      {action === 'limit' && team.budget && <BudgetEditor quotaId={team.budget.quota_id} onClose={close} />}
      {action === 'grant' && team.budget && (
        <GrantForm quotaId={team.budget.quota_id} metric="cost" name={team.name} onClose={close} />
      )}
      {action === 'request' && team.budget && (
        <RequestForm quotaId={team.budget.quota_id} metric="cost" name={team.name} onClose={close} />
      )}
      {action === 'change' && <TeamForm team={team} onClose={close} />}
      <Ask
        open={action === 'secret'}
        onClose={close}
        title={`Make a new webhook secret for ${team.name}?`}
        action="Make it"
        onConfirm={() => rotate.mutateAsync(undefined)}
      >
        It signs what the webhook URLs of single videos are told. For 24 hours the one before signs as well.
      </Ask>
      {rotated && (
        <SecretOnce
          name={`Webhook secret of ${team.name}`}
          secret={rotated.secret}
          withSnippets={false}
          onClose={() => setRotated(null)}
        />
      )}
    </>
  );
}

/** The quota in its newest version, so that nobody's change is overwritten. */
function BudgetEditor({ quotaId, onClose }: { quotaId: string; onClose: () => void }) {
  const quota = useAdmin('/quotas/{quota_id}', { params: { quota_id: quotaId } }, { refetchInterval: false });
  return quota.data ? <LimitEditor quota={quota.data} onClose={onClose} /> : null;
}

interface QuotaFormProps {
  readonly quotaId: string;
  readonly metric: string;
  readonly name: string;
  readonly onClose: () => void;
}

function GrantForm({ quotaId, metric, name, onClose }: QuotaFormProps) {
  const grant = useChange(
    (given: { amount: string; reason: string; endsAt: string | null }) =>
      admin.post('/grants', {
        body: {
          quota_id: quotaId,
          amount: given.amount,
          reason: given.reason,
          ...(given.endsAt && { ends_at: given.endsAt }),
        },
      }),
    {
      quiet: true,
      done: () => `${name} has more to spend.`,
      undo:
        ({ id }) =>
        () =>
          admin.post('/grants/{grant_id}/end', { params: { grant_id: id } }),
    },
  );
  return (
    <AmountForm
      title={`Grant ${name} more`}
      description="On top of its limit, for a time. It ends by itself."
      metric={metric}
      action="Grant"
      withEnd
      onClose={onClose}
      onSubmit={(given) => grant.mutateAsync(given)}
    />
  );
}

function RequestForm({ quotaId, metric, name, onClose }: QuotaFormProps) {
  const ask = useChange(
    (given: { amount: string; reason: string }) =>
      admin.post('/budget-requests', {
        body: { quota_id: quotaId, amount: given.amount, reason: given.reason },
      }),
    {
      quiet: true,
      done: () => 'Your request is with the administrators.',
      undo:
        ({ id }) =>
        () =>
          admin.post('/budget-requests/{budget_request_id}/withdraw', { params: { budget_request_id: id } }),
    },
  );
  return (
    <AmountForm
      title={`Ask for more for ${name}`}
      description="An administrator decides. What is approved is a grant for this period."
      metric={metric}
      action="Ask"
      onClose={onClose}
      onSubmit={({ amount, reason }) => ask.mutateAsync({ amount, reason })}
    />
  );
}

/** Hosts stand one after the other, as people write lists. */
const hostsIn = (text: string) => text.split(/[\s,]+/).filter((host) => host !== '');

function TeamForm({ team, onClose }: { team: Team; onClose: () => void }) {
  const before = { name: team.name, webhook_hosts: team.webhook_hosts };
  const form = useForm({ defaultValues: { name: team.name, webhook_hosts: team.webhook_hosts.join(', ') } });
  const { errors } = form.formState;
  const change = useChange(
    (body: typeof before) =>
      admin.patch('/teams/{team_id}', {
        params: { team_id: team.id },
        body: { ...body, version: team.version },
      }),
    {
      quiet: true,
      done: ({ name }) => `${name} is changed.`,
      undo: (changed) => () =>
        admin.patch('/teams/{team_id}', {
          params: { team_id: team.id },
          body: { ...before, version: changed.version },
        }),
      onDone: onClose,
    },
  );
  return (
    <FormDialog
      form={form}
      title={`Change ${team.name}`}
      action="Save"
      onSubmit={({ name, webhook_hosts: hosts }) =>
        change.mutateAsync({ name: name.trim(), webhook_hosts: hostsIn(hosts) })
      }
      onClose={onClose}
    >
      <TextField
        label="Name"
        autoFocus
        maxLength={100}
        {...form.register('name', { validate: (text) => text.trim() !== '' || 'A name' })}
        error={errors.name?.message}
      />
      <TextField
        label="Webhook hosts"
        hint="That a single video's webhook_url may name, such as hooks.example.com or *.example.com. None: it may name none."
        {...form.register('webhook_hosts')}
        error={errors.webhook_hosts?.message}
      />
    </FormDialog>
  );
}

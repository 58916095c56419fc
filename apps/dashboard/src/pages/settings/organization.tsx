import type { Organization } from '@reelgate/contract/admin';
import { CircleCheck, PauseOctagon, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useFieldArray, useForm } from 'react-hook-form';
import { admin, useAdmin, useChange } from '../../api/admin.ts';
import { Ask } from '../../ui/ask.tsx';
import { Badge } from '../../ui/badge.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { ErrorState, SkeletonRows } from '../../ui/feedback.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { formatNumber, moneyToText } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';
import { tellDone, tellFailed } from '../../ui/toast.tsx';
import { parseAmount } from '../teams/amounts.ts';

const METRICS = ['cost', 'seconds', 'videos', 'concurrent'] as const;
const WINDOWS = ['month', 'day', 'none'] as const;
const ZONES = Intl.supportedValuesOf('timeZone');

export function OrganizationSettings() {
  const organization = useAdmin('/organization');
  if (organization.error) {
    return <ErrorState error={organization.error} onRetry={() => void organization.refetch()} />;
  }
  if (!organization.data) return <SkeletonRows />;
  const { data } = organization;
  return (
    <div className="grid grid-cols-1 gap-3 lg:grid-cols-2">
      <Profile key={`profile ${data.version}`} organization={data} />
      <div className="space-y-3">
        <Brake organization={data} />
        <Ledger />
      </div>
      <Defaults key={`defaults ${data.version}`} organization={data} />
    </div>
  );
}

function Profile({ organization }: { organization: Organization }) {
  const { register, handleSubmit, formState } = useForm({
    defaultValues: { name: organization.name, time_zone: organization.time_zone },
  });
  const save = useChange(
    (change: { name: string; time_zone: string }) =>
      admin.patch('/organization', { body: { ...change, version: organization.version } }),
    { done: () => 'Saved.' },
  );
  return (
    <Panel title="Organization">
      <form
        className="space-y-3"
        onSubmit={(event) =>
          void handleSubmit((form) => save.mutate({ ...form, name: form.name.trim() }))(event)
        }
      >
        <TextField
          label="Name"
          maxLength={100}
          {...register('name', { validate: (text) => text.trim() !== '' || 'A name' })}
          error={formState.errors.name?.message}
        />
        <SelectField
          label="Time zone"
          hint="In which days and months begin. Quotas keep theirs until their period ends."
          {...register('time_zone')}
        >
          {[...new Set([organization.time_zone, 'UTC', ...ZONES])].map((zone) => (
            <option key={zone} value={zone}>
              {zone}
            </option>
          ))}
        </SelectField>
        <Button type="submit" busy={save.isPending} disabled={!formState.isDirty}>
          Save
        </Button>
      </form>
    </Panel>
  );
}

/** Nobody makes a new video while it is on. */
function Brake({ organization }: { organization: Organization }) {
  const [asking, setAsking] = useState(false);
  const pause = useChange((reason: string) => admin.post('/organization/pause', { body: { reason } }), {
    quiet: true,
    done: () => 'Everything is paused.',
  });
  const resume = useChange(() => admin.post('/organization/resume', {}), {
    done: () => 'New videos are accepted again.',
  });
  const isPaused = organization.paused_at !== null;
  return (
    <Panel title="Brake" note="For all teams at once">
      <div className="flex flex-wrap items-center gap-3">
        {isPaused ? (
          <Badge tone="bad" icon={PauseOctagon}>
            Paused: {organization.paused_reason}
          </Badge>
        ) : (
          <Badge tone="good" icon={CircleCheck}>
            New videos are accepted
          </Badge>
        )}
        {isPaused ? (
          <Button
            look="primary"
            className="ml-auto"
            busy={resume.isPending}
            onClick={() => resume.mutate(undefined)}
          >
            Resume
          </Button>
        ) : (
          <Button look="danger" className="ml-auto" onClick={() => setAsking(true)}>
            Pause everything…
          </Button>
        )}
      </div>
      <Ask
        open={asking}
        onClose={() => setAsking(false)}
        title="Pause everything?"
        action="Pause"
        danger
        reason
        onConfirm={(reason) => pause.mutateAsync(reason)}
      >
        No team makes a new video until somebody resumes. What is under way goes on and is archived.
      </Ask>
    </Panel>
  );
}

function Ledger() {
  const check = useChange(() => admin.post('/ledger/check', {}), {
    onDone: ({ agrees, balances, mismatches }) => {
      if (agrees) tellDone(`All ${formatNumber(balances)} balances agree.`);
      else tellFailed(mismatches[0] ?? 'The books differ.');
    },
  });
  return (
    <Panel title="Ledger" note="Works every balance out again">
      <div className="flex items-center gap-3 text-sm">
        {check.data ? (
          check.data.agrees ? (
            <Badge tone="good" icon={CircleCheck}>
              All {formatNumber(check.data.balances)} balances agree
            </Badge>
          ) : (
            <Badge tone="bad">{check.data.mismatches.length} differ</Badge>
          )
        ) : (
          <p className="text-ink-soft">Buckets, reservations, bookings and videos against one another.</p>
        )}
        <Button className="ml-auto" busy={check.isPending} onClick={() => check.mutate(undefined)}>
          Check
        </Button>
      </div>
      {check.data && !check.data.agrees && (
        <ul className="mt-3 space-y-1 text-bad text-sm">
          {check.data.mismatches.map((mismatch) => (
            <li key={mismatch}>{mismatch}</li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

type Default = Organization['team_defaults'][number];

/** The quotas that a new team begins with. */
function Defaults({ organization }: { organization: Organization }) {
  const { register, control, handleSubmit, watch, formState } = useForm({
    defaultValues: {
      limits: organization.team_defaults.map(({ metric, window, hard }) => ({
        metric: metric as string,
        window: window as string,
        hard: hard === null ? '' : metric === 'cost' ? moneyToText(hard) : hard,
      })),
    },
  });
  const { fields, append, remove } = useFieldArray({ control, name: 'limits' });
  const save = useChange(
    (limits: readonly { metric: string; window: string; hard: string }[]) =>
      admin.patch('/organization', {
        body: {
          version: organization.version,
          team_defaults: limits.map(({ metric, window, hard }) => ({
            metric: metric as Default['metric'],
            window: (metric === 'concurrent' ? 'none' : window) as Default['window'],
            hard: hard.trim() === '' ? null : parseAmount(metric, hard),
          })),
        },
      }),
    { done: () => 'New teams begin with these.' },
  );
  return (
    <Panel
      title="Defaults for new teams"
      actions={
        <Button small onClick={() => append({ metric: 'cost', window: 'month', hard: '' })}>
          <Plus aria-hidden className="size-3.5" /> Add
        </Button>
      }
    >
      <form
        className="space-y-2"
        onSubmit={(event) => void handleSubmit(({ limits }) => save.mutate(limits))(event)}
      >
        {fields.length === 0 && (
          <p className="text-ink-faint text-sm">None: new teams begin without a limit.</p>
        )}
        {fields.map((field, index) => (
          <div key={field.id} className="flex items-start gap-2">
            <SelectField label="Metric" labelHidden {...register(`limits.${index}.metric`)}>
              {METRICS.map((metric) => (
                <option key={metric}>{metric}</option>
              ))}
            </SelectField>
            <SelectField label="Window" labelHidden {...register(`limits.${index}.window`)}>
              {WINDOWS.map((window) => (
                <option key={window}>{window}</option>
              ))}
            </SelectField>
            <TextField
              label="Hard limit"
              labelHidden
              inputMode="decimal"
              placeholder={watch(`limits.${index}.metric`) === 'cost' ? '$ 100' : '10'}
              {...register(`limits.${index}.hard`, {
                validate: (text, form) =>
                  text.trim() === '' ||
                  parseAmount(form.limits[index]?.metric ?? '', text) !== null ||
                  'An amount',
              })}
              error={formState.errors.limits?.[index]?.hard?.message}
            />
            <IconButton label="Remove" onClick={() => remove(index)}>
              <Trash2 className="size-4" />
            </IconButton>
          </div>
        ))}
        <Button type="submit" busy={save.isPending} disabled={!formState.isDirty}>
          Save
        </Button>
      </form>
    </Panel>
  );
}

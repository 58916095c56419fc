import type { Organization } from '@reelgate/contract/admin';
import { CircleCheck, PauseOctagon } from 'lucide-react';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { admin, useAdmin, useChange } from '../../api/admin.ts';
import { Ask } from '../../ui/ask.tsx';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { ErrorState, SkeletonRows } from '../../ui/feedback.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Ledger } from './ledger.tsx';

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
      <Profile key={`${data.name} ${data.time_zone}`} organization={data} />
      <div className="space-y-3">
        <Brake organization={data} />
        <Ledger />
      </div>
    </div>
  );
}

function Profile({ organization }: { organization: Organization }) {
  const { register, handleSubmit, formState } = useForm({
    defaultValues: { name: organization.name, time_zone: organization.time_zone },
  });
  const save = useChange(
    (change: { name: string; time_zone: string }) => admin.patch('/organization', { body: change }),
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
          hint="In which days and months begin. A period that is open ends when it was to."
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

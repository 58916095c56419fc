import { useForm } from 'react-hook-form';
import { admin, useAdmin, useChange } from '../../api/admin.ts';
import { ApiFailure } from '../../api/client.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { parseMoney } from '../../ui/format.ts';
import { Dialog } from '../../ui/overlay.tsx';
import type { Orphan } from './orphans.tsx';

interface Form {
  readonly team_id: string;
  readonly cost: string;
  readonly reason: string;
}

/** Takes an upstream's video into a team: it is followed, archived and paid for like any other. */
export function AdoptForm({ orphan, onClose }: { orphan: Orphan; onClose: () => void }) {
  const teams = useAdmin('/teams', { query: { limit: 200 } });
  const { register, handleSubmit, setError, formState } = useForm<Form>({
    defaultValues: { team_id: '', cost: '', reason: '' },
  });
  const adopt = useChange(
    ({ team_id, cost, reason }: Form) =>
      admin.post('/videos/adopt', {
        body: {
          team_id,
          upstream_id: orphan.upstream_id,
          upstream_video_id: orphan.upstream_video_id,
          reason: reason.trim(),
          ...(cost.trim() && { cost_micro_usd: parseMoney(cost) ?? '0' }),
        },
      }),
    { quiet: true, done: ({ team }) => `${team.name} has it now.`, onDone: onClose },
  );
  const { errors } = formState;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Adopt this video"
      description={orphan.upstream_video_id}
    >
      <form
        className="space-y-4"
        onSubmit={(event) =>
          void handleSubmit((form) =>
            adopt.mutateAsync(form).then(
              () => undefined,
              (error: unknown) =>
                setError('root', {
                  message: error instanceof ApiFailure ? error.message : 'The gateway cannot be reached.',
                }),
            ),
          )(event)
        }
      >
        <SelectField
          label="Team"
          {...register('team_id', { required: 'Whose it becomes' })}
          error={errors.team_id?.message}
        >
          <option value="">Choose…</option>
          {teams.data?.data.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
        <TextField
          label="What it cost"
          prefix="$"
          inputMode="decimal"
          hint="Empty: by the price book"
          {...register('cost', {
            validate: (text) => text.trim() === '' || parseMoney(text) !== null || 'Dollars, such as 0.80',
          })}
          error={errors.cost?.message}
        />
        <TextField
          label="Reason"
          hint="Kept in the audit log."
          {...register('reason', { validate: (text) => text.trim() !== '' || 'Say why.' })}
          error={errors.reason?.message}
        />
        {errors.root && (
          <p role="alert" className="text-bad text-sm">
            {errors.root.message}
          </p>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" look="primary" busy={formState.isSubmitting}>
            Adopt
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

import type { Quota, Team } from '@reelgate/contract/admin';
import { useForm } from 'react-hook-form';
import { admin, useChange } from '../../api/admin.ts';
import { SelectField, TextField } from '../../ui/field.tsx';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { amountField, parseAmount } from './amounts.ts';
import { METRICS, WINDOWS } from './limit-names.ts';

interface Form {
  readonly metric: Quota['metric'];
  readonly window: Quota['window'];
  readonly model: string;
  readonly hard: string;
}

/** One more limit of a team. */
export function LimitForm({ team, onClose }: { team: Team; onClose: () => void }) {
  const form = useForm<Form>({
    defaultValues: { metric: 'cost', window: 'month', model: '', hard: '' },
  });
  const create = useChange(
    ({ metric, window, model, hard }: Form) =>
      admin.post('/quotas', {
        body: {
          scope_kind: 'team',
          scope_id: team.id,
          metric,
          window: metric === 'concurrent' ? 'none' : metric === 'requests' ? 'minute' : window,
          model: model.trim() || null,
          hard: parseAmount(metric, hard),
        },
      }),
    {
      quiet: true,
      done: () => 'The limit holds from the next video on.',
      undo:
        ({ id }) =>
        () =>
          admin.delete('/quotas/{quota_id}', { params: { quota_id: id } }),
      onDone: onClose,
    },
  );
  const {
    register,
    watch,
    formState: { errors },
  } = form;
  const metric = watch('metric');
  return (
    <FormDialog
      form={form}
      title={`A new limit for ${team.name}`}
      action="Add the limit"
      onSubmit={create.mutateAsync}
      onClose={onClose}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField label="On" {...register('metric')}>
          {Object.entries(METRICS).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </SelectField>
        {metric !== 'concurrent' && metric !== 'requests' && (
          <SelectField label="Over" {...register('window')}>
            {(['month', 'day', 'leaky', 'none'] as const).map((value) => (
              <option key={value} value={value}>
                {WINDOWS[value]}
              </option>
            ))}
          </SelectField>
        )}
        <TextField label="Model" placeholder="all" {...register('model')} />
        <TextField
          {...amountField(metric)}
          label="Hard limit"
          inputMode="decimal"
          {...register('hard', {
            validate: (text) => parseAmount(metric, text) !== null || 'An amount, such as 250',
          })}
          error={errors.hard?.message}
        />
      </div>
    </FormDialog>
  );
}

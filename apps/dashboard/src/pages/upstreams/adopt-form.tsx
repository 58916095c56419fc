import { useForm } from 'react-hook-form';
import { type AnswerOf, admin, useChange } from '../../api/admin.ts';
import { TextField } from '../../ui/field.tsx';
import { FormDialog, isSaid } from '../../ui/form-dialog.tsx';
import { parseMoney } from '../../ui/format.ts';
import { isMoneyOrEmpty, MoneyField } from '../../ui/money-field.tsx';
import { TeamSelect } from '../../ui/team-select.tsx';

export type Orphan = AnswerOf<'get', '/orphans'>['data'][number];

interface Form {
  readonly team_id: string;
  readonly cost: string;
  readonly reason: string;
}

/** Takes an upstream's video into a team: it is followed, archived and paid for like any other. */
export function AdoptForm({ orphan, onClose }: { orphan: Orphan; onClose: () => void }) {
  const form = useForm<Form>({
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
  const {
    register,
    formState: { errors },
  } = form;
  return (
    <FormDialog
      form={form}
      title="Adopt this video"
      description={orphan.upstream_video_id}
      action="Adopt"
      onSubmit={adopt.mutateAsync}
      onClose={onClose}
    >
      <TeamSelect
        {...register('team_id', { required: 'Whose it becomes' })}
        error={errors.team_id?.message}
      />
      <MoneyField
        label="What it cost"
        hint="Empty: by the price book"
        {...register('cost', { validate: isMoneyOrEmpty })}
        error={errors.cost?.message}
      />
      <TextField
        label="Reason"
        hint="Kept in the audit log."
        {...register('reason', { validate: isSaid })}
        error={errors.reason?.message}
      />
    </FormDialog>
  );
}

import type { AdminVideoDetail } from '@reelgate/contract/admin';
import { useForm } from 'react-hook-form';
import { admin, useChange } from '../../api/admin.ts';
import { TextArea } from '../../ui/field.tsx';
import { FormDialog, isSaid } from '../../ui/form-dialog.tsx';
import { formatMoney, moneyToText, parseMoney } from '../../ui/format.ts';
import { isMoney, MoneyField } from '../../ui/money-field.tsx';

interface Form {
  readonly cost: string;
  readonly reason: string;
}

/** Books what a video has really cost, where nobody but a person can know. */
export function SettleForm({ video, onClose }: { video: AdminVideoDetail; onClose: () => void }) {
  const form = useForm<Form>({
    defaultValues: { cost: moneyToText(video.cost.estimated_micro_usd), reason: '' },
  });
  const settle = useChange(
    ({ cost, reason }: Form) =>
      admin.post('/videos/{video_id}/settle', {
        params: { video_id: video.id },
        body: { cost_micro_usd: parseMoney(cost) ?? '0', reason: reason.trim() },
      }),
    { quiet: true, done: (_, { cost }) => `Settled at $${cost}.`, onDone: onClose },
  );
  const {
    register,
    formState: { errors },
  } = form;
  return (
    <FormDialog
      form={form}
      title="Settle by hand"
      description={`${formatMoney(video.cost.estimated_micro_usd)} is reserved.`}
      action="Settle"
      onSubmit={settle.mutateAsync}
      onClose={onClose}
    >
      <MoneyField
        label="What it cost"
        {...register('cost', { validate: isMoney })}
        error={errors.cost?.message}
      />
      <TextArea
        label="Reason"
        hint="Kept in the audit log and in the ledger."
        {...register('reason', { validate: isSaid })}
        error={errors.reason?.message}
      />
    </FormDialog>
  );
}

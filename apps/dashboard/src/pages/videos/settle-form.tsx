import type { AdminVideoDetail } from '@reelgate/contract/admin';
import { useForm } from 'react-hook-form';
import { admin, useChange } from '../../api/admin.ts';
import { ApiFailure } from '../../api/client.ts';
import { Button } from '../../ui/button.tsx';
import { TextArea, TextField } from '../../ui/field.tsx';
import { formatMoney, moneyToText, parseMoney } from '../../ui/format.ts';
import { Dialog } from '../../ui/overlay.tsx';

interface Form {
  readonly cost: string;
  readonly reason: string;
}

/** Books what a video has really cost, where nobody but a person can know. */
export function SettleForm({ video, onClose }: { video: AdminVideoDetail; onClose: () => void }) {
  const { register, handleSubmit, setError, formState } = useForm<Form>({
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
  const { errors } = formState;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Settle by hand"
      description={`${formatMoney(video.cost.estimated_micro_usd)} is reserved.`}
    >
      <form
        className="space-y-4"
        onSubmit={(event) =>
          void handleSubmit((form) =>
            settle.mutateAsync(form).then(
              () => undefined,
              (error: unknown) =>
                setError('root', {
                  message: error instanceof ApiFailure ? error.message : 'The gateway cannot be reached.',
                }),
            ),
          )(event)
        }
      >
        <TextField
          label="What it cost"
          prefix="$"
          inputMode="decimal"
          {...register('cost', { validate: (text) => parseMoney(text) !== null || 'Dollars, such as 0.80' })}
          error={errors.cost?.message}
        />
        <TextArea
          label="Reason"
          hint="Kept in the audit log and in the ledger."
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
            Settle
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

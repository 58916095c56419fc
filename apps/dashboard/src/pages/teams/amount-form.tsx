import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { ApiFailure } from '../../api/client.ts';
import { Button } from '../../ui/button.tsx';
import { TextArea, TextField } from '../../ui/field.tsx';
import { Dialog } from '../../ui/overlay.tsx';
import { amountField, parseAmount } from './amounts.ts';

interface AmountFormProps {
  readonly title: string;
  readonly description: string;
  readonly metric: string;
  readonly action: string;
  /** Ask until when; otherwise it is the end of the open period. */
  readonly withEnd?: boolean;
  readonly onClose: () => void;
  readonly onSubmit: (given: { amount: string; reason: string; endsAt: string | null }) => Promise<unknown>;
}

/** An amount and why: for grants and for requests. */
export function AmountForm(props: AmountFormProps) {
  const { title, description, metric, action, withEnd = false, onClose, onSubmit } = props;
  const { register, handleSubmit, formState } = useForm<{ amount: string; reason: string; ends: string }>();
  const [failure, setFailure] = useState<string | null>(null);
  const submit = handleSubmit(async ({ amount, reason, ends }) => {
    try {
      await onSubmit({
        amount: parseAmount(metric, amount) ?? '0',
        reason: reason.trim(),
        endsAt: ends ? new Date(`${ends}T23:59:59`).toISOString() : null,
      });
      onClose();
    } catch (error) {
      setFailure(error instanceof ApiFailure ? error.message : 'The gateway cannot be reached.');
    }
  });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={title} description={description}>
      <form className="space-y-4" onSubmit={(event) => void submit(event)}>
        <TextField
          {...amountField(metric)}
          label="Amount"
          inputMode="decimal"
          autoFocus
          {...register('amount', {
            validate: (text) =>
              (parseAmount(metric, text) ?? '0') !== '0' || 'An amount, such as 50 or 12.50',
          })}
          error={formState.errors.amount?.message}
        />
        {withEnd && (
          <TextField
            label="Until"
            type="date"
            hint="Empty: until the period ends. It ends by itself."
            {...register('ends')}
          />
        )}
        <TextArea
          label="Reason"
          {...register('reason', { validate: (text) => text.trim() !== '' || 'Say why.' })}
          error={formState.errors.reason?.message}
        />
        {failure && (
          <p role="alert" className="text-bad text-sm">
            {failure}
          </p>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={formState.isSubmitting}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

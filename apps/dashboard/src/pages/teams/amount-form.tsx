import { useForm } from 'react-hook-form';
import { TextArea, TextField } from '../../ui/field.tsx';
import { FormDialog, isSaid } from '../../ui/form-dialog.tsx';
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
  const form = useForm({ defaultValues: { amount: '', reason: '', ends: '' } });
  const {
    register,
    formState: { errors },
  } = form;
  return (
    <FormDialog
      form={form}
      title={title}
      description={description}
      action={action}
      onSubmit={async ({ amount, reason, ends }) => {
        await onSubmit({
          amount: parseAmount(metric, amount) ?? '0',
          reason: reason.trim(),
          endsAt: ends ? new Date(`${ends}T23:59:59`).toISOString() : null,
        });
        onClose();
      }}
      onClose={onClose}
    >
      <TextField
        {...amountField(metric)}
        label="Amount"
        inputMode="decimal"
        autoFocus
        {...register('amount', {
          validate: (text) => (parseAmount(metric, text) ?? '0') !== '0' || 'An amount, such as 50 or 12.50',
        })}
        error={errors.amount?.message}
      />
      {withEnd && (
        <TextField
          label="Until"
          type="date"
          hint="Empty: until the period ends. It ends by itself."
          {...register('ends')}
        />
      )}
      <TextArea label="Reason" {...register('reason', { validate: isSaid })} error={errors.reason?.message} />
    </FormDialog>
  );
}

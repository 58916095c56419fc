import { useForm } from 'react-hook-form';
import { TextArea, TextField } from './field.tsx';
import { FormDialog, isSaid } from './form-dialog.tsx';

interface AskProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  /** What will happen, in a sentence or two. */
  readonly children: React.ReactNode;
  readonly action: string;
  readonly danger?: boolean;
  /** Ask for a reason, which the audit log keeps. */
  readonly reason?: boolean;
  /** To be typed, where it cannot be undone. */
  readonly typed?: string;
  readonly onConfirm: (reason: string) => Promise<unknown>;
}

/** Asks once more, with what it takes: a reason, or a name typed out where nothing can bring it back. */
export function Ask({ open, ...props }: AskProps) {
  return open ? <AskDialog {...props} /> : null;
}

function AskDialog(props: Omit<AskProps, 'open'>) {
  const { onClose, title, children, action, danger = false, reason, typed, onConfirm } = props;
  const form = useForm({ defaultValues: { reason: '', typed: '' } });
  const { errors } = form.formState;
  return (
    <FormDialog
      form={form}
      title={title}
      action={action}
      danger={danger}
      disabled={typed !== undefined && form.watch('typed') !== typed}
      onSubmit={async (given) => {
        await onConfirm(given.reason.trim());
        onClose();
      }}
      onClose={onClose}
    >
      <div className="text-ink-soft text-sm">{children}</div>
      {reason && (
        <TextArea
          label="Reason"
          hint="Kept in the audit log."
          {...form.register('reason', { validate: isSaid })}
          error={errors.reason?.message}
        />
      )}
      {typed !== undefined && (
        <TextField label={`Type “${typed}” to confirm`} autoComplete="off" {...form.register('typed')} />
      )}
    </FormDialog>
  );
}

import type { ReactNode } from 'react';
import type { FieldPath, FieldValues, UseFormReturn } from 'react-hook-form';
import { ApiFailure, failureText } from '../api/client.ts';
import { Button } from './button.tsx';
import { Dialog } from './overlay.tsx';

interface FormDialogProps<Fields extends FieldValues> {
  readonly form: UseFormReturn<Fields>;
  readonly title: ReactNode;
  readonly description?: ReactNode;
  /** What the button says that sends it. */
  readonly action: string;
  readonly danger?: boolean;
  /** Nothing to send yet. */
  readonly disabled?: boolean;
  /** Rejects with what the API refused; that is shown at the field it speaks of, or above the buttons. */
  readonly onSubmit: (given: Fields) => Promise<unknown>;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A form in a dialog, with what every one of them has: the refusal, Cancel, and a button that is busy while it is sent. */
export function FormDialog<Fields extends FieldValues>(props: FormDialogProps<Fields>) {
  const { form, title, description, action, danger = false, disabled = false, children } = props;
  const { errors, isSubmitting } = form.formState;
  const submit = form.handleSubmit(async (given) => {
    try {
      await props.onSubmit(given);
    } catch (error) {
      const name = error instanceof ApiFailure ? error.param : null;
      const place = name !== null && name in given ? (name as FieldPath<Fields>) : 'root';
      form.setError(place, { message: failureText(error) }, { shouldFocus: place !== 'root' });
    }
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && props.onClose()}
      title={title}
      {...(description && { description })}
    >
      {/* What a field says is better than what the browser would. */}
      <form className="space-y-4" noValidate onSubmit={(event) => void submit(event)}>
        {children}
        {errors.root && (
          <p role="alert" className="text-bad text-sm">
            {errors.root.message}
          </p>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={props.onClose}>Cancel</Button>
          <Button type="submit" look={danger ? 'danger' : 'primary'} disabled={disabled} busy={isSubmitting}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** For a reason that the audit log keeps. */
export const isSaid = (text: string) => text.trim() !== '' || 'Say why.';

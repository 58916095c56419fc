import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { ApiFailure } from '../api/client.ts';
import { Button } from './button.tsx';
import { TextArea, TextField } from './field.tsx';
import { Dialog } from './overlay.tsx';

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
export function Ask({ open, onClose, title, children, action, danger, reason, typed, onConfirm }: AskProps) {
  const { register, handleSubmit, reset, watch, formState } = useForm<{ reason: string; typed: string }>();
  const [failure, setFailure] = useState<string | null>(null);
  const close = () => {
    reset();
    setFailure(null);
    onClose();
  };
  const submit = handleSubmit(async (given) => {
    try {
      await onConfirm(given.reason?.trim() ?? '');
      close();
    } catch (error) {
      setFailure(error instanceof ApiFailure ? error.message : 'The gateway cannot be reached.');
    }
  });
  const isTyped = typed === undefined || watch('typed') === typed;
  return (
    <Dialog open={open} onOpenChange={(shown) => !shown && close()} title={title}>
      <form className="space-y-4" onSubmit={(event) => void submit(event)}>
        <div className="text-ink-soft text-sm">{children}</div>
        {reason && (
          <TextArea
            label="Reason"
            hint="Kept in the audit log."
            {...register('reason', { validate: (text) => text.trim() !== '' || 'Say why.' })}
            error={formState.errors.reason?.message}
          />
        )}
        {typed !== undefined && (
          <TextField label={`Type “${typed}” to confirm`} autoComplete="off" {...register('typed')} />
        )}
        {failure && (
          <p role="alert" className="text-bad text-sm">
            {failure}
          </p>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button
            type="submit"
            look={danger ? 'danger' : 'primary'}
            disabled={!isTyped}
            busy={formState.isSubmitting}
          >
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { admin, useChange } from '../../api/admin.ts';
import { Switch, TextField } from '../../ui/field.tsx';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { formatNumber } from '../../ui/format.ts';

interface Form {
  readonly since: string;
  readonly onlyFailed: boolean;
}

/** Sends again what was sent since a moment, after telling how much that is. */
export function ReplayForm({ endpointId, onClose }: { endpointId: string; onClose: () => void }) {
  const form = useForm<Form>({ defaultValues: { since: '', onlyFailed: true } });
  const { since, onlyFailed } = form.watch();
  /** Of what was counted, so that nobody sends something else than what was told. */
  const [counted, setCounted] = useState<(Form & { readonly count: number }) | null>(null);
  const count = counted?.since === since && counted.onlyFailed === onlyFailed ? counted.count : null;
  const replay = useChange(
    ({ since, onlyFailed, dryRun }: Form & { dryRun: boolean }) =>
      admin.post('/webhook-endpoints/{endpoint_id}/replay', {
        params: { endpoint_id: endpointId },
        body: { since: new Date(since).toISOString(), only_failed: onlyFailed, dry_run: dryRun },
      }),
    {
      quiet: true,
      done: (result) => (result.dry_run ? null : `${formatNumber(result.count)} are being sent again.`),
      onDone: (result, given) => (result.dry_run ? setCounted({ ...given, count: result.count }) : onClose()),
    },
  );
  return (
    <FormDialog
      form={form}
      title="Send again since a moment"
      action={count === null ? 'Count' : 'Send again'}
      disabled={since === '' || count === 0}
      onSubmit={(given) => replay.mutateAsync({ ...given, dryRun: count === null })}
      onClose={onClose}
    >
      <TextField label="Since" type="datetime-local" {...form.register('since')} />
      <Switch
        label="Only what failed"
        checked={onlyFailed}
        onCheckedChange={(checked) => form.setValue('onlyFailed', checked)}
      />
      <p aria-live="polite" className="text-ink-soft text-sm">
        {count === null
          ? 'Each keeps its id, so that a receiver that has it already knows it.'
          : `${formatNumber(count)} deliveries.`}
      </p>
    </FormDialog>
  );
}

import type { ApiKey } from '@reelgate/contract/admin';
import { useForm } from 'react-hook-form';
import { type AnswerOf, admin, useChange } from '../../api/admin.ts';
import { SelectField } from '../../ui/field.tsx';
import { FormDialog } from '../../ui/form-dialog.tsx';

const OVERLAPS = [
  [0, 'Not at all: at once'],
  [3_600, 'An hour'],
  [86_400, 'A day'],
  [604_800, 'A week'],
  [2_592_000, '30 days'],
] as const;

/** A new secret with the same rights, while the old one works for a while. */
export function RotateForm({
  apiKey,
  onClose,
  onRotated,
}: {
  apiKey: ApiKey;
  onClose: () => void;
  onRotated: (created: AnswerOf<'post', '/keys/{key_id}/rotate'>, note: string) => void;
}) {
  const form = useForm({ defaultValues: { overlap: '86400' } });
  const rotate = useChange(
    ({ overlap }: { overlap: string }) =>
      admin.post('/keys/{key_id}/rotate', {
        params: { key_id: apiKey.id },
        body: { overlap_seconds: Number(overlap) },
      }),
    {
      quiet: true,
      onDone: (created, { overlap }) => {
        const words = OVERLAPS.find(([seconds]) => `${seconds}` === overlap)?.[1].toLowerCase() ?? '';
        onRotated(
          created,
          overlap === '0' ? 'The old secret no longer works.' : `The old secret works for ${words} more.`,
        );
      },
    },
  );
  return (
    <FormDialog
      form={form}
      title={`Rotate ${apiKey.name}`}
      description="A new secret with the same rights and limits."
      action="Rotate"
      onSubmit={rotate.mutateAsync}
      onClose={onClose}
    >
      <SelectField label="The old secret still works for" {...form.register('overlap')}>
        {OVERLAPS.map(([seconds, label]) => (
          <option key={seconds} value={seconds}>
            {label}
          </option>
        ))}
      </SelectField>
    </FormDialog>
  );
}

import type { ApiKey } from '@reelgate/contract/admin';
import { useState } from 'react';
import { type AnswerOf, admin, useChange } from '../../api/admin.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Dialog } from '../../ui/overlay.tsx';

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
  const [overlap, setOverlap] = useState(86_400);
  const words = OVERLAPS.find(([seconds]) => seconds === overlap)?.[1].toLowerCase() ?? '';
  const rotate = useChange(
    () =>
      admin.post('/keys/{key_id}/rotate', {
        params: { key_id: apiKey.id },
        body: { overlap_seconds: overlap },
      }),
    {
      onDone: (created) =>
        onRotated(
          created,
          overlap === 0 ? 'The old secret no longer works.' : `The old secret works for ${words} more.`,
        ),
    },
  );
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Rotate ${apiKey.name}`}
      description="A new secret with the same rights and limits."
    >
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          rotate.mutate(undefined);
        }}
      >
        <SelectField
          label="The old secret still works for"
          value={overlap}
          onChange={(event) => setOverlap(Number(event.target.value))}
        >
          {OVERLAPS.map(([seconds, label]) => (
            <option key={seconds} value={seconds}>
              {label}
            </option>
          ))}
        </SelectField>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={rotate.isPending}>
            Rotate
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

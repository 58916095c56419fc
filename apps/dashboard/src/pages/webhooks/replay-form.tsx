import { useState } from 'react';
import { admin, useChange } from '../../api/admin.ts';
import { ApiFailure } from '../../api/client.ts';
import { Button } from '../../ui/button.tsx';
import { Switch, TextField } from '../../ui/field.tsx';
import { formatNumber } from '../../ui/format.ts';
import { Dialog } from '../../ui/overlay.tsx';

/** Sends again what was sent since a moment, after telling how much that is. */
export function ReplayForm({ endpointId, onClose }: { endpointId: string; onClose: () => void }) {
  const [since, setSince] = useState('');
  const [onlyFailed, setOnlyFailed] = useState(true);
  const [count, setCount] = useState<number | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const replay = useChange(
    (dryRun: boolean) =>
      admin.post('/webhook-endpoints/{endpoint_id}/replay', {
        params: { endpoint_id: endpointId },
        body: { since: new Date(since).toISOString(), only_failed: onlyFailed, dry_run: dryRun },
      }),
    {
      quiet: true,
      done: (result) => (result.dry_run ? null : `${formatNumber(result.count)} are being sent again.`),
      onDone: (result) => (result.dry_run ? setCount(result.count) : onClose()),
    },
  );
  const run = (dryRun: boolean) =>
    replay
      .mutateAsync(dryRun)
      .then(() => setFailure(null))
      .catch((error: unknown) =>
        setFailure(error instanceof ApiFailure ? error.message : 'The gateway cannot be reached.'),
      );
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Send again since a moment">
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          void run(count === null);
        }}
      >
        <TextField
          label="Since"
          type="datetime-local"
          required
          value={since}
          onChange={(event) => {
            setSince(event.target.value);
            setCount(null);
          }}
        />
        <Switch
          label="Only what failed"
          checked={onlyFailed}
          onCheckedChange={(checked) => {
            setOnlyFailed(checked);
            setCount(null);
          }}
        />
        <p aria-live="polite" className="text-ink-soft text-sm">
          {count === null
            ? 'Each keeps its id, so that a receiver that has it already knows it.'
            : `${formatNumber(count)} deliveries.`}
        </p>
        {failure && (
          <p role="alert" className="text-bad text-sm">
            {failure}
          </p>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" look="primary" busy={replay.isPending} disabled={since === '' || count === 0}>
            {count === null ? 'Count' : 'Send again'}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

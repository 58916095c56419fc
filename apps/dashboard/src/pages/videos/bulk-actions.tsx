import { Layers } from 'lucide-react';
import { useEffect, useState } from 'react';
import { type AnswerOf, admin, useChange } from '../../api/admin.ts';
import { failureText } from '../../api/client.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { formatNumber } from '../../ui/format.ts';
import { Dialog, Menu, MenuItem, MenuLabel, MenuSeparator } from '../../ui/overlay.tsx';
import type { VideoQuery } from './filters.ts';

const ACTIONS = {
  poll: { label: 'Look at the upstream now', needsReason: false, danger: false },
  retry_archiving: { label: 'Archive again', needsReason: false, danger: false },
  cancel: { label: 'Cancel', needsReason: false, danger: false },
  hold: { label: 'Put on hold', needsReason: true, danger: false },
  unhold: { label: 'End the hold', needsReason: false, danger: false },
  restore: { label: 'Restore', needsReason: false, danger: false },
  delete: { label: 'Delete', needsReason: true, danger: true },
} as const;

type ActionName = keyof typeof ACTIONS;
type Result = AnswerOf<'post', '/videos/bulk'>;

/** What the rows are: those that were ticked, or all that the filters match. */
type Target = { readonly ids: string[] } | { readonly filter: VideoQuery };

/** Does something to many videos, after the server has said to how many. */
export function BulkActions({
  selected,
  query,
  total,
  onDone,
}: {
  selected: ReadonlySet<string>;
  query: VideoQuery;
  total: number | undefined;
  onDone: () => void;
}) {
  const [action, setAction] = useState<ActionName | null>(null);
  const target: Target = selected.size > 0 ? { ids: [...selected] } : { filter: query };
  const what =
    selected.size > 0
      ? `${formatNumber(selected.size)} selected`
      : total === undefined
        ? 'All that match'
        : `All ${formatNumber(total)} that match`;
  return (
    <>
      <Menu
        trigger={
          <Button>
            <Layers aria-hidden className="size-3.5" />
            {selected.size > 0 ? `${formatNumber(selected.size)} selected` : 'In bulk'}
          </Button>
        }
      >
        <MenuLabel>{what}</MenuLabel>
        {Object.entries(ACTIONS).map(([name, { label, danger }]) => (
          <div key={name}>
            {danger && <MenuSeparator />}
            <MenuItem danger={danger} onSelect={() => setAction(name as ActionName)}>
              {label}…
            </MenuItem>
          </div>
        ))}
      </Menu>
      {action && (
        <BulkDialog
          action={action}
          target={target}
          what={what}
          onClose={() => setAction(null)}
          onDone={() => {
            setAction(null);
            onDone();
          }}
        />
      )}
    </>
  );
}

function BulkDialog({
  action,
  target,
  what,
  onClose,
  onDone,
}: {
  action: ActionName;
  target: Target;
  what: string;
  onClose: () => void;
  onDone: () => void;
}) {
  const { label, needsReason, danger } = ACTIONS[action];
  const [reason, setReason] = useState('');
  const [forecast, setForecast] = useState<Result | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  // As it was when the dialog opened: what is counted is what is then changed.
  const [asked] = useState(target);
  const run = useChange(
    (given: { dryRun: boolean; reason: string }) =>
      admin.post('/videos/bulk', {
        body: {
          ...asked,
          action,
          dry_run: given.dryRun,
          ...(given.reason && { reason: given.reason }),
        } as never,
      }),
    {
      quiet: true,
      done: (result, { dryRun }) =>
        dryRun
          ? null
          : `${label}: ${formatNumber(result.done)} of ${formatNumber(result.matched)} videos.${result.truncated ? ' More match: do it again.' : ''}`,
    },
  );
  const { mutateAsync } = run;
  useEffect(() => {
    // What counts needs a reason as little as anything else that changes nothing.
    mutateAsync({ dryRun: true, reason: needsReason ? 'Counting' : '' }).then(setForecast, (error: unknown) =>
      setFailure(failureText(error)),
    );
  }, [mutateAsync, needsReason]);
  const confirm = () =>
    mutateAsync({ dryRun: false, reason: reason.trim() }).then(onDone, (error: unknown) =>
      setFailure(failureText(error)),
    );
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={`${label}: ${what.toLowerCase()}`}>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          void confirm();
        }}
      >
        <p className="text-sm" aria-live="polite">
          {forecast === null ? (
            failure === null && 'Counting…'
          ) : (
            <>
              It makes sense for <strong>{formatNumber(forecast.eligible)}</strong> of the{' '}
              {formatNumber(forecast.matched)} videos.
              {forecast.truncated && ' One go changes a thousand; the rest takes another.'}
            </>
          )}
        </p>
        {forecast !== null && forecast.refused.length > 0 && (
          <ul className="max-h-32 overflow-y-auto text-ink-soft text-xs">
            {forecast.refused.map(({ id, message }) => (
              <li key={id}>
                <code className="font-mono">{id}</code>: {message}
              </li>
            ))}
          </ul>
        )}
        {needsReason && (
          <TextField
            label="Reason"
            hint="Kept in the audit log."
            required
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
        {failure && (
          <p role="alert" className="text-bad text-sm">
            {failure}
          </p>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Back</Button>
          <Button
            type="submit"
            look={danger ? 'danger' : 'primary'}
            busy={run.isPending}
            disabled={!forecast || forecast.eligible === 0 || (needsReason && reason.trim() === '')}
          >
            {label}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

import { CircleAlert, CircleCheck } from 'lucide-react';
import { admin, useAdmin, useChange } from '../../api/admin.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { ErrorState, Skeleton } from '../../ui/feedback.tsx';
import { formatDateTime, formatNumber } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';
import { tellDone, tellFailed } from '../../ui/toast.tsx';
import { Ago } from '../../ui/values.tsx';

/** Whether the books agree, as a worker finds every hour and whoever asks at once; and what to do where they do not. */
export function Ledger() {
  const kept = useAdmin('/ledger/check');
  const check = useChange(() => admin.post('/ledger/check', {}), {
    onDone: ({ agrees, balances, mismatches }) => {
      if (agrees) tellDone(`All ${formatNumber(balances)} balances agree.`);
      else tellFailed(mismatches[0] ?? 'The books differ.');
    },
  });
  if (kept.error) return <ErrorState error={kept.error} onRetry={() => void kept.refetch()} />;
  const last = kept.data?.last;
  return (
    <Panel title="Ledger" note="Works every balance out again, every hour by itself">
      <div className="flex flex-wrap items-center gap-3 text-sm">
        {kept.data === undefined ? (
          <Skeleton className="h-5 w-40" />
        ) : !last ? (
          <p className="text-ink-soft">Not checked yet.</p>
        ) : (
          <>
            {last.agrees ? (
              <Badge tone="good" icon={CircleCheck}>
                All {formatNumber(last.balances)} balances agree
              </Badge>
            ) : (
              <Badge tone="bad" icon={CircleAlert}>
                {formatNumber(last.mismatches_in_all)} differ
              </Badge>
            )}
            <span className="text-ink-faint text-xs">
              checked <Ago at={last.checked_at} />
            </span>
          </>
        )}
        <Button className="ml-auto" busy={check.isPending} onClick={() => check.mutate(undefined)}>
          Check
        </Button>
      </div>
      {last && !last.agrees && (
        <>
          <ul className="mt-3 max-h-60 space-y-1 overflow-y-auto break-words text-bad text-sm">
            {last.mismatches.map((mismatch) => (
              <li key={mismatch}>{mismatch}</li>
            ))}
          </ul>
          <div className="mt-3 space-y-2 text-ink-soft text-sm">
            {last.differs_since && <p>So since {formatDateTime(last.differs_since)}, or before.</p>}
            <p>What to do:</p>
            <ol className="list-decimal space-y-1 pl-5">
              <li>
                Where a bucket has less than its source, its limit holds too late: freeze the team until it is
                explained.
              </li>
              <li>
                Where a line names a video, its page has the bookings and what the upstream charged; see in
                the audit log who has settled it by hand.
              </li>
              <li>
                Rows of the books never change by Reelgate: look for whoever wrote to the database, or for a
                backup that was restored only in part.
              </li>
            </ol>
            <p>
              “The books differ” in <code className="font-mono text-xs">docs/operations.md</code> says how to
              put them right. Then check again.
            </p>
          </div>
        </>
      )}
    </Panel>
  );
}

import type { AdminVideoDetail } from '@reelgate/contract/admin';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { Skeleton } from '../../ui/feedback.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Money } from '../../ui/values.tsx';

const LineageGraph = lazy(() => import('./lineage-graph.tsx'));

/** Its family: a picture for the eye, and the same as a list for everyone. */
export function Lineage({ lineage }: { lineage: AdminVideoDetail['lineage'] }) {
  if (lineage.length < 2) return null;
  const cost = lineage.reduce((sum, { cost_micro_usd }) => sum + BigInt(cost_micro_usd), 0n);
  return (
    <Panel
      title="Lineage"
      note={
        <>
          {lineage.length} videos, <Money value={cost} /> in all
        </>
      }
    >
      <Suspense fallback={<Skeleton className="h-72 w-full" />}>
        <LineageGraph lineage={lineage} />
      </Suspense>
      <details className="mt-2">
        <summary className="cursor-pointer rounded py-1 text-ink-soft text-xs">As a list</summary>
        <ul className="mt-1 space-y-0.5 text-xs">
          {lineage.map(({ id, operation, status, distance, cost_micro_usd }) => (
            <li key={id} className="flex gap-2">
              <Link
                to="/videos/$videoId"
                params={{ videoId: id }}
                className="font-mono underline-offset-4 hover:underline"
              >
                {id}
              </Link>
              {operation}, {status}, <Money value={cost_micro_usd} />
              {distance === 0 && ' (this one)'}
            </li>
          ))}
        </ul>
      </details>
    </Panel>
  );
}

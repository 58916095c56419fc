import { ChartColumn, Table2 } from 'lucide-react';
import { type ReactNode, Suspense, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { ErrorState, Skeleton } from '../ui/feedback.tsx';
import { Panel } from '../ui/panel.tsx';

/** The numbers of a chart, for those who would rather read them, and for those who cannot see it. */
export interface Numbers {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A chart and the same as a table. */
export function ChartFrame({
  title,
  note,
  actions,
  numbers,
  error,
  empty,
  children,
}: {
  title: string;
  note?: ReactNode;
  actions?: ReactNode;
  /** Undefined while they are being fetched. */
  numbers: Numbers | undefined;
  error?: unknown;
  /** Shown instead where there is nothing to show. */
  empty?: string | undefined;
  children: ReactNode;
}) {
  const [asTable, setAsTable] = useState(false);
  return (
    <Panel
      title={title}
      note={note}
      actions={
        <>
          {actions}
          <Button
            small
            look="ghost"
            aria-pressed={asTable}
            aria-label={asTable ? `${title}: show the chart` : `${title}: show the numbers`}
            title={asTable ? 'Chart' : 'Numbers'}
            onClick={() => setAsTable(!asTable)}
          >
            {asTable ? <ChartColumn className="size-3.5" /> : <Table2 className="size-3.5" />}
          </Button>
        </>
      }
    >
      <figure aria-label={title} className="h-60">
        {error ? (
          <ErrorState error={error} />
        ) : numbers === undefined ? (
          <Skeleton className="h-full w-full" />
        ) : empty !== undefined ? (
          <p className="flex h-full items-center justify-center text-ink-faint text-sm">{empty}</p>
        ) : asTable ? (
          <NumbersTable title={title} numbers={numbers} />
        ) : (
          <Suspense fallback={<Skeleton className="h-full w-full" />}>{children}</Suspense>
        )}
      </figure>
    </Panel>
  );
}

function NumbersTable({ title, numbers }: { title: string; numbers: Numbers }) {
  return (
    <div
      className="h-full overflow-auto"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
    >
      <table aria-label={title} className="w-full text-xs">
        <thead className="sticky top-0 bg-panel">
          <tr>
            {numbers.head.map((name, index) => (
              <th
                key={name}
                scope="col"
                className={`whitespace-nowrap border-b px-2 py-1 font-medium text-ink-faint ${index === 0 ? 'text-left' : 'text-right'}`}
              >
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {numbers.rows.map((row) => (
            <tr key={row[0]}>
              {row.map((value, index) => (
                <td
                  // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
                  key={index}
                  className={`whitespace-nowrap px-2 py-0.5 tabular-nums ${index === 0 ? 'text-left' : 'text-right'}`}
                >
                  {value}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

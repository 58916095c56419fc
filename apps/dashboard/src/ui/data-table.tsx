import {
  type Cell,
  type ColumnDef,
  flexRender,
  getCoreRowModel,
  type OnChangeFn,
  type RowData,
  type SortingState,
  useReactTable,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { clsx } from 'clsx';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { SkeletonRows } from './feedback.tsx';
import { useNarrow } from './use-narrow.ts';

declare module '@tanstack/react-table' {
  interface ColumnMeta<TData extends RowData, TValue> {
    /** Numbers stand at the right. */
    readonly align?: 'right';
    /** Where there is little room: left out, or beneath the first column, there with its header where it is `named`. */
    readonly narrow?: 'out' | 'beneath' | 'named';
    /** Where there is room. */
    readonly width?: string;
    /** Takes what the other columns leave. With little room the first column does. */
    readonly takesRest?: boolean;
  }
}

export type { ColumnDef, SortingState } from '@tanstack/react-table';

interface DataTableProps<T> {
  /** For those who hear the page. */
  readonly label: string;
  readonly rows: readonly T[] | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: columns of one table have values of many types
  readonly columns: ColumnDef<T, any>[];
  readonly rowId: (row: T) => string;
  readonly onOpen?: (row: T) => void;
  /** Of the server: the table shows rows in the order in which they come. */
  readonly sorting?: SortingState;
  readonly onSortingChange?: OnChangeFn<SortingState>;
  readonly empty: ReactNode;
  readonly rowHeight?: number;
  /** Called when the end comes near. */
  readonly onEnd?: (() => void) | undefined;
  readonly footer?: ReactNode;
}

/** Always the same one: a fresh one at each render would be news to the table at each render, for ever. */
const NO_ROWS: readonly never[] = [];
/** From here on only the rows on screen are in the document. */
const VIRTUAL_FROM = 60;

/**
 * Rows with `j` and `k` and Enter. Long lists are virtual; the window scrolls, so that there is one scroll bar.
 */
export function DataTable<T>(props: DataTableProps<T>) {
  const { label, rows, columns, rowId, onOpen, empty, rowHeight = 44, onEnd, footer } = props;
  const [current, setCurrent] = useState<string | null>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const table = useReactTable({
    data: (rows ?? NO_ROWS) as T[],
    columns,
    getCoreRowModel: getCoreRowModel(),
    getRowId: rowId,
    manualSorting: true,
    // Else each new list of rows resets a page that nobody has, in a microtask, which renders again.
    manualPagination: true,
    autoResetAll: false,
    enableSorting: props.onSortingChange !== undefined,
    state: { sorting: props.sorting ?? [] },
    ...(props.onSortingChange && { onSortingChange: props.onSortingChange }),
  });
  const all = table.getRowModel().rows;
  const virtual = all.length > VIRTUAL_FROM;
  const scroller = useRef<HTMLElement>(null);
  const [isNarrow, measureRoom] = useNarrow();
  const section = useCallback(
    (element: HTMLElement | null) => {
      scroller.current = element;
      return measureRoom(element);
    },
    [measureRoom],
  );
  const virtualizer = useVirtualizer({
    count: all.length,
    enabled: virtual,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const items = virtualizer.getVirtualItems();
  const visible = virtual ? items.flatMap((item) => all[item.index] ?? []) : all;
  const before = virtual ? (items[0]?.start ?? 0) : 0;
  const after = virtual ? virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0) : 0;

  const lastSeen = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (virtual && lastSeen >= all.length - 20) onEnd?.();
  }, [virtual, lastSeen, all.length, onEnd]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event) || event.metaKey || event.ctrlKey || event.altKey || dialogIsOpen()) return;
      if (event.key === 'Enter' && current !== null && document.activeElement === document.body) {
        const row = all.find(({ id }) => id === current);
        if (row) onOpen?.(row.original);
        return;
      }
      if (event.key !== 'j' && event.key !== 'k') return;
      const at = all.findIndex(({ id }) => id === current);
      const next = all[event.key === 'j' ? Math.min(at + 1, all.length - 1) : Math.max(at - 1, 0)];
      if (!next) return;
      event.preventDefault();
      setCurrent(next.id);
      if (virtual) virtualizer.scrollToIndex(next.index);
      else
        body.current
          ?.querySelector(`[data-row="${CSS.escape(next.id)}"]`)
          ?.scrollIntoView({ block: 'nearest' });
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [all, current, onOpen, virtual, virtualizer]);

  if (rows === undefined) return <SkeletonRows />;
  if (all.length === 0) return <>{empty}</>;
  return (
    <section
      ref={section}
      className={clsx(
        'relative overflow-x-auto',
        virtual && 'max-h-[max(24rem,calc(100dvh-9.5rem))] overflow-y-auto',
      )}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={label}
    >
      <table aria-label={label} aria-rowcount={all.length} className="w-full border-collapse text-sm">
        <thead className={clsx(virtual && 'sticky top-0 z-10 bg-panel')}>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id} className="border-b">
              {group.headers.map((header) => {
                const meta = header.column.columnDef.meta;
                if (isNarrow && meta?.narrow) return null;
                const sorted = header.column.getIsSorted();
                const title = header.isPlaceholder
                  ? null
                  : flexRender(header.column.columnDef.header, header.getContext());
                return (
                  <th
                    key={header.id}
                    scope="col"
                    aria-sort={sorted ? (sorted === 'asc' ? 'ascending' : 'descending') : undefined}
                    style={{ width: isNarrow ? undefined : meta?.width }}
                    className={clsx(
                      'h-9 whitespace-nowrap px-3 font-medium text-ink-faint text-xs first:pl-4 last:pr-4',
                      meta?.align === 'right' ? 'text-right' : 'text-left',
                    )}
                  >
                    {header.column.getCanSort() ? (
                      <button
                        type="button"
                        onClick={header.column.getToggleSortingHandler()}
                        className="inline-flex items-center gap-1 rounded hover:text-ink"
                      >
                        {title}
                        {sorted === 'asc' && <ArrowUp aria-hidden className="size-3" />}
                        {sorted === 'desc' && <ArrowDown aria-hidden className="size-3" />}
                      </button>
                    ) : (
                      title
                    )}
                  </th>
                );
              })}
            </tr>
          ))}
        </thead>
        <tbody ref={body}>
          {before > 0 && <Gap height={before} />}
          {visible.map((row) => (
            <tr
              key={row.id}
              // How high a row is that has something beneath is only known when it is there.
              {...(virtual && isNarrow && { ref: virtualizer.measureElement, 'data-index': row.index })}
              data-row={row.id}
              data-current={row.id === current || undefined}
              style={{ height: rowHeight }}
              onClick={(event) => {
                if (onOpen && !isInteractive(event.target)) onOpen(row.original);
              }}
              className={clsx(
                'border-b last:border-b-0',
                onOpen && 'cursor-pointer hover:bg-sunken',
                'data-current:bg-accent-soft data-current:shadow-[inset_2px_0_0_var(--accent)]',
              )}
            >
              <Cells cells={row.getVisibleCells()} isNarrow={isNarrow} />
            </tr>
          ))}
          {after > 0 && <Gap height={after} />}
        </tbody>
      </table>
      {footer}
    </section>
  );
}

interface CellsProps<T> {
  readonly cells: readonly Cell<T, unknown>[];
  readonly isNarrow: boolean;
}

/** The cells of a row; with little room the first takes what the others leave, and what has no place beside it stands beneath. */
function Cells<T>({ cells, isNarrow }: CellsProps<T>) {
  const draw = (cell: Cell<T, unknown>) => flexRender(cell.column.columnDef.cell, cell.getContext());
  const placed = (cell: Cell<T, unknown>) => cell.column.columnDef.meta?.narrow;
  const shown = isNarrow ? cells.filter((cell) => !placed(cell)) : cells;
  const beneath = isNarrow
    ? cells.filter((cell) => placed(cell) === 'beneath' || placed(cell) === 'named')
    : [];
  return shown.map((cell, index) => {
    const isFirst = isNarrow && index === 0;
    return (
      <td
        key={cell.id}
        className={clsx(
          'px-3 py-1.5 first:pl-4 last:pr-4',
          cell.column.columnDef.meta?.align === 'right' && 'text-right tabular-nums',
          // No width of its own, so that what is too long is cut or wrapped and never pushes the others out.
          isFirst && 'w-full max-w-0',
          !isNarrow && cell.column.columnDef.meta?.takesRest && 'w-full min-w-40 max-w-0',
        )}
      >
        {draw(cell)}
        {isFirst && beneath.length > 0 && (
          <div className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-ink-soft text-xs">
            {beneath.map((one) => {
              const { header } = one.column.columnDef;
              return (
                <div key={one.id} className="min-w-0 max-w-full">
                  {placed(one) === 'named' && typeof header === 'string' && (
                    <span className="text-ink-faint">{header} </span>
                  )}
                  {draw(one)}
                </div>
              );
            })}
          </div>
        )}
      </td>
    );
  });
}

function Gap({ height }: { height: number }) {
  return (
    <tr aria-hidden>
      <td style={{ height, padding: 0 }} />
    </tr>
  );
}

function isInteractive(target: EventTarget): boolean {
  return (
    target instanceof Element && target.closest('a, button, input, select, label, [role="menuitem"]') !== null
  );
}

export function isTyping(event: KeyboardEvent): boolean {
  const { target } = event;
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

export function dialogIsOpen(): boolean {
  return document.querySelector('[role="dialog"], [role="menu"]') !== null;
}

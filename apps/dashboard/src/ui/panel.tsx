import { clsx } from 'clsx';
import type { ReactNode } from 'react';

/** A titled area of a page. */
export function Panel({
  title,
  note,
  actions,
  flush = false,
  className,
  children,
}: {
  title?: ReactNode;
  note?: ReactNode;
  actions?: ReactNode;
  /** Content reaches the edges: tables. */
  flush?: boolean;
  className?: string;
  children: ReactNode;
}) {
  return (
    <section className={clsx('min-w-0 rounded-lg border bg-panel', className)}>
      {(title || actions) && (
        <header className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 px-4 pt-2.5 pb-1.5">
          <h2 className="font-semibold text-base">{title}</h2>
          {note && <p className="text-ink-faint text-xs">{note}</p>}
          {actions && <div className="ml-auto flex items-center gap-1.5">{actions}</div>}
        </header>
      )}
      <div className={clsx(!flush && 'px-4 pb-4', !flush && !title && 'pt-4')}>{children}</div>
    </section>
  );
}

/** The top of a page: what it is, what can be done with it. */
export function PageHeader({
  title,
  note,
  actions,
}: {
  title: ReactNode;
  note?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <header className="mb-4 flex flex-wrap items-end gap-x-4 gap-y-2">
      <div className="min-w-0">
        <h1 className="truncate font-semibold text-xl tracking-tight">{title}</h1>
        {note && <div className="text-ink-soft text-sm">{note}</div>}
      </div>
      {actions && (
        <div className="ml-auto flex flex-wrap items-center gap-2 max-sm:ml-0 max-sm:w-full">{actions}</div>
      )}
    </header>
  );
}

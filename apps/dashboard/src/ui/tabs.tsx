import { Link } from '@tanstack/react-router';
import { clsx } from 'clsx';

export interface Tab {
  readonly id: string;
  readonly label: string;
  readonly count?: number | undefined;
}

/** Views of one page, each with its own URL: links, so that they can be opened beside one another. The first has the bare URL. */
export function Tabs({ tabs, current, label }: { tabs: readonly Tab[]; current: string; label: string }) {
  return (
    <nav aria-label={label} className="mb-4 flex gap-4 overflow-x-auto border-b">
      {tabs.map(({ id, label: text, count }, index) => (
        <Link
          key={id}
          to="."
          search={((before: object) => ({ ...before, tab: index === 0 ? undefined : id })) as never}
          aria-current={id === current ? 'page' : undefined}
          className={clsx(
            '-mb-px flex items-center gap-1.5 whitespace-nowrap border-b-2 px-0.5 pb-2 text-sm',
            id === current
              ? 'border-accent font-medium text-ink'
              : 'border-transparent text-ink-soft hover:text-ink',
          )}
        >
          {text}
          {count !== undefined && count > 0 && (
            <span className="rounded-full bg-accent-soft px-1.5 font-medium text-2xs text-accent">
              {count}
            </span>
          )}
        </Link>
      ))}
    </nav>
  );
}

import type { AdminVideoDetail } from '@reelgate/contract/admin';
import { clsx } from 'clsx';
import { formatDuration, formatMoney, formatShortTime } from '../../ui/format.ts';

type Entry = AdminVideoDetail['timeline'][number];

const DOTS: Partial<Record<Entry['kind'], string>> = {
  stored: 'bg-good',
  failed: 'bg-bad',
  quarantined: 'bg-warn',
  delete_requested: 'bg-warn',
  admin: 'bg-accent',
};

/** From accepted to the last webhook, with how long each step took. */
export function Timeline({ entries }: { entries: readonly Entry[] }) {
  return (
    <ol className="relative ml-1 space-y-2.5 border-l pl-4">
      {entries.map((entry, index) => {
        const before = entries[index - 1];
        const seconds = before ? (Date.parse(entry.at) - Date.parse(before.at)) / 1000 : 0;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: two entries may be equal in everything else
          <li key={`${entry.at} ${entry.kind} ${index}`} className="relative text-sm">
            <span
              aria-hidden
              className={clsx(
                'absolute top-1.5 -left-[1.3rem] size-2 rounded-full ring-2 ring-panel',
                DOTS[entry.kind] ?? 'bg-line-strong',
              )}
            />
            <p className="flex flex-wrap items-baseline gap-x-2">
              <span>{entry.label}</span>
              <time dateTime={entry.at} title={entry.at} className="text-ink-faint text-xs">
                {formatShortTime(entry.at)}
                {before && seconds >= 0.1 && ` · +${formatDuration(seconds)}`}
              </time>
            </p>
            <Detail detail={entry.detail} />
          </li>
        );
      })}
    </ol>
  );
}

function Detail({ detail }: { detail: Entry['detail'] }) {
  const known = Object.entries(detail).filter(([, value]) => value !== null && value !== '');
  if (known.length === 0) return null;
  return (
    <p className="break-words text-ink-soft text-xs">
      {known.map(([name, value]) => describe(name, value)).join(' · ')}
    </p>
  );
}

const MONEY = '_micro_usd';

function describe(name: string, value: unknown): string {
  if (name.endsWith(MONEY)) return `${name.slice(0, -MONEY.length)} ${formatMoney(String(value))}`;
  const shown = Array.isArray(value)
    ? value.join(', ')
    : typeof value === 'object'
      ? JSON.stringify(value)
      : value;
  return `${name.replaceAll('_', ' ')} ${shown}`;
}

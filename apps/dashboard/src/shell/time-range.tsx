import { useNavigate, useSearch } from '@tanstack/react-router';
import { CalendarRange } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { formatDate } from '../ui/format.ts';
import { Menu, MenuItem, MenuSeparator, Popover } from '../ui/overlay.tsx';

const RANGES = {
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
  month: 'This month',
  last_month: 'Last month',
} as const;
export type RangeName = keyof typeof RANGES;

/** The one time range of all pages; part of every URL. Absent: this month. */
export interface RangeSearch {
  readonly range?: RangeName;
  /** Days, both inside; instead of a named range. */
  readonly from?: string;
  readonly to?: string;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function readRange(search: Record<string, unknown>): RangeSearch {
  const { range, from, to } = search;
  if (typeof from === 'string' && typeof to === 'string' && DAY.test(from) && DAY.test(to) && from <= to) {
    return { from, to };
  }
  return typeof range === 'string' && range in RANGES ? { range: range as RangeName } : {};
}

const HOUR_MS = 3_600_000;

/** What the API is asked for: from here on, before that. Rounded to minutes, so that a page asks the same for a while. */
export function periodOf(search: RangeSearch, now = new Date()): { from: string; to?: string } {
  if (search.from && search.to) {
    const end = new Date(`${search.to}T00:00:00`);
    end.setDate(end.getDate() + 1);
    return { from: new Date(`${search.from}T00:00:00`).toISOString(), to: end.toISOString() };
  }
  const minute = new Date(Math.floor(now.getTime() / 60_000) * 60_000);
  const back = (hours: number) => new Date(minute.getTime() - hours * HOUR_MS).toISOString();
  switch (search.range) {
    case '24h':
      return { from: back(24) };
    case '7d':
      return { from: back(24 * 7) };
    case '30d':
      return { from: back(24 * 30) };
    case 'last_month':
      return {
        from: new Date(now.getFullYear(), now.getMonth() - 1, 1).toISOString(),
        to: new Date(now.getFullYear(), now.getMonth(), 1).toISOString(),
      };
    default:
      return { from: new Date(now.getFullYear(), now.getMonth(), 1).toISOString() };
  }
}

export function useRange(): RangeSearch {
  return readRange(useSearch({ strict: false }) as Record<string, unknown>);
}

function labelOf(search: RangeSearch): string {
  if (search.from && search.to) return `${formatDate(search.from)} – ${formatDate(search.to)}`;
  return RANGES[search.range ?? 'month'];
}

export function TimeRange() {
  const range = useRange();
  const navigate = useNavigate();
  const choose = (next: RangeSearch) =>
    void navigate({
      to: '.',
      search: (before: Record<string, unknown>) => ({
        ...before,
        range: undefined,
        from: undefined,
        to: undefined,
        ...next,
      }),
    } as never);
  return (
    <div className="flex items-center">
      <Menu
        trigger={
          <Button className="rounded-r-none" aria-label={`Time range: ${labelOf(range)}`}>
            {labelOf(range)}
          </Button>
        }
      >
        {Object.entries(RANGES).map(([name, label]) => (
          <MenuItem key={name} onSelect={() => choose(name === 'month' ? {} : { range: name as RangeName })}>
            {label}
          </MenuItem>
        ))}
        <MenuSeparator />
        <p className="px-2 py-1 text-ink-faint text-xs">Other days: the calendar beside this.</p>
      </Menu>
      <Popover
        label="Choose days"
        trigger={
          <Button className="-ml-px rounded-l-none px-2" aria-label="Choose days">
            <CalendarRange aria-hidden className="size-3.5" />
          </Button>
        }
      >
        <Days initial={range} onChoose={choose} />
      </Popover>
    </div>
  );
}

function Days({ initial, onChoose }: { initial: RangeSearch; onChoose: (range: RangeSearch) => void }) {
  const [from, setFrom] = useState(initial.from ?? '');
  const [to, setTo] = useState(initial.to ?? '');
  const wrong = from && to && from > to ? 'Before the first day' : undefined;
  return (
    <form
      className="space-y-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (from && to && !wrong) onChoose({ from, to });
      }}
    >
      <TextField label="First day" type="date" value={from} onChange={(e) => setFrom(e.target.value)} />
      <TextField
        label="Last day"
        type="date"
        value={to}
        error={wrong}
        onChange={(e) => setTo(e.target.value)}
      />
      <Button type="submit" look="primary" className="w-full" disabled={!from || !to}>
        Show
      </Button>
    </form>
  );
}

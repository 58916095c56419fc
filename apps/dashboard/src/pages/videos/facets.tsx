import type { VideoCounts } from '@reelgate/contract/admin';
import { clsx } from 'clsx';
import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { formatNumber, moneyToText, parseMoney } from '../../ui/format.ts';
import { chosen, type ListFilter, SETS, toggled, type VideoSearch } from './filters.ts';
import { VIDEO_STATES } from './status.tsx';

type Facet = VideoCounts['status'];
type Change = (change: VideoSearch) => void;

const SHOWN = 6;

/** Every filter with how many it would give: counted by the server over all that matches the others. */
export function Facets({
  search,
  counts,
  onChange,
}: {
  search: VideoSearch;
  counts: VideoCounts | undefined;
  onChange: Change;
}) {
  const facet = (title: string, name: ListFilter, values: Facet | undefined, open = true) => (
    <FacetList
      key={name}
      isPart={counts?.of_newest != null}
      {...{ title, name, values, search, onChange, open }}
    />
  );
  const states = counts?.state.map((one) => ({
    ...one,
    label: VIDEO_STATES[one.value as keyof typeof VIDEO_STATES]?.label ?? one.label,
  }));
  return (
    <div className="space-y-4">
      <SelectField
        label="Show"
        value={search.show ?? ''}
        onChange={(event) => onChange({ show: event.target.value || undefined })}
      >
        <option value="">All that are there</option>
        {Object.entries(SETS).map(([name, label]) => (
          <option key={name} value={name}>
            {label}
            {counts && name === 'at_risk' && ` (${counts.at_risk})`}
            {counts && name === 'stuck' && ` (${counts.stuck})`}
          </option>
        ))}
      </SelectField>
      {facet('Status', 'status', counts?.status)}
      {facet('Where it is', 'state', states)}
      {facet('Team', 'team', counts?.team)}
      {facet('Model', 'model', counts?.model)}
      {facet('Operation', 'operation', counts?.operation)}
      {facet('Error', 'error', counts?.error_code)}
      {facet('Key', 'key', counts?.key, false)}
      {facet('Upstream', 'upstream', counts?.upstream, false)}
      <More search={search} onChange={onChange} />
    </div>
  );
}

function FacetList({
  title,
  name,
  values,
  search,
  onChange,
  open,
  isPart,
}: {
  title: string;
  name: ListFilter;
  values: Facet | undefined;
  search: VideoSearch;
  onChange: Change;
  open: boolean;
  /** There may be more than were counted. */
  isPart: boolean;
}) {
  const on = chosen(search, name);
  // What is chosen stays to be seen, even where nothing matches any more.
  const missing = on
    .filter((value) => !values?.some((one) => one.value === value))
    .map((value) => ({ value, label: value, count: 0 }));
  const all = [...missing, ...(values ?? [])].filter(({ value, count }) => count > 0 || on.includes(value));
  if (all.length === 0) return null;
  const row = ({ value, label, count }: Facet[number]): ReactNode => (
    <li key={value}>
      <button
        type="button"
        aria-pressed={on.includes(value)}
        onClick={() => onChange({ [name]: toggled(search, name, value) })}
        className={clsx(
          'flex w-full items-center gap-1.5 rounded px-1.5 py-1 text-left text-sm hover:bg-sunken',
          on.includes(value) && 'bg-accent-soft font-medium text-accent',
        )}
      >
        <Check aria-hidden className={clsx('size-3 shrink-0', !on.includes(value) && 'invisible')} />
        <span className="min-w-0 flex-1 truncate">
          {name === 'status' ? label.replaceAll('_', ' ') : label}
        </span>
        <span className="text-ink-faint text-xs tabular-nums">
          {formatNumber(count)}
          {isPart && '+'}
        </span>
      </button>
    </li>
  );
  return (
    <details open={open || on.length > 0}>
      <summary className="cursor-pointer rounded py-1 font-medium text-ink-faint text-xs">{title}</summary>
      <ul aria-label={title}>{all.slice(0, SHOWN).map(row)}</ul>
      {all.length > SHOWN && (
        <details>
          <summary className="cursor-pointer rounded px-1.5 py-1 text-ink-faint text-xs">
            {all.length - SHOWN} more
          </summary>
          <ul aria-label={`More of ${title}`}>{all.slice(SHOWN).map(row)}</ul>
        </details>
      )}
    </details>
  );
}

/** What is typed rather than chosen. */
function More({ search, onChange }: { search: VideoSearch; onChange: Change }) {
  return (
    <form
      key={`${search.tag} ${search.min} ${search.max}`}
      className="space-y-2"
      onSubmit={(event) => {
        event.preventDefault();
        const form = new FormData(event.currentTarget);
        const text = (name: string) => String(form.get(name) ?? '').trim();
        onChange({
          tag: text('tag') || undefined,
          min: parseMoney(text('min')) ?? undefined,
          max: parseMoney(text('max')) ?? undefined,
        });
      }}
    >
      <TextField label="Label" name="tag" placeholder="campaign:spring" defaultValue={search.tag ?? ''} />
      <div className="grid grid-cols-2 gap-2">
        <TextField
          label="Cost from"
          name="min"
          inputMode="decimal"
          placeholder="$"
          defaultValue={search.min ? moneyToText(search.min) : ''}
        />
        <TextField
          label="to"
          name="max"
          inputMode="decimal"
          placeholder="$"
          defaultValue={search.max ? moneyToText(search.max) : ''}
        />
      </div>
      <Button type="submit" small className="w-full">
        Apply
      </Button>
    </form>
  );
}

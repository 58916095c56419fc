import type { AdminVideo } from '@reelgate/contract/admin';
import { Link } from '@tanstack/react-router';
import { clsx } from 'clsx';
import { GitBranch, Lock } from 'lucide-react';
import type { ColumnDef } from '../../ui/data-table.tsx';
import { formatDateTime, formatDuration } from '../../ui/format.ts';
import { Ago, Money } from '../../ui/values.tsx';
import { StateBadge } from './status.tsx';
import { Thumbnail } from './thumbnail.tsx';

const COST_WORDS = {
  reserved: 'Reserved, not yet settled',
  settled: 'Settled',
  released: 'Given back',
  parked: 'Parked: counts as spent until somebody decides',
  free: 'Costs nothing',
} as const satisfies Record<AdminVideo['cost']['state'], string>;

/** What a video costs as far as one knows: settled, else estimated and marked so. */
export function Cost({ video }: { video: AdminVideo }) {
  const { state, settled_micro_usd: settled, estimated_micro_usd: estimated } = video.cost;
  return (
    <span
      title={COST_WORDS[state]}
      className={clsx('whitespace-nowrap', state !== 'settled' && 'text-ink-soft')}
    >
      {state === 'released' ? (
        <span className="text-ink-faint line-through">
          <Money value={estimated} />
        </span>
      ) : (
        <>
          {(state === 'reserved' || state === 'parked') && <span aria-hidden>≈ </span>}
          <Money value={settled ?? estimated} />
        </>
      )}
      <span className="sr-only">, {COST_WORDS[state]}</span>
    </span>
  );
}

export function videoColumns(selection: {
  readonly selected: ReadonlySet<string>;
  readonly toggle: (id: string) => void;
}): ColumnDef<AdminVideo>[] {
  return [
    {
      id: 'select',
      header: () => <span className="sr-only">Select</span>,
      meta: { width: '2rem', narrow: 'out' },
      cell: ({ row: { original: video } }) => (
        <input
          type="checkbox"
          aria-label={`Select ${video.id}`}
          checked={selection.selected.has(video.id)}
          onChange={() => selection.toggle(video.id)}
          className="align-middle accent-(--accent-ground)"
        />
      ),
    },
    {
      id: 'still',
      header: () => <span className="sr-only">Still</span>,
      meta: { width: '5rem', narrow: 'out' },
      cell: ({ row: { original: video } }) => <Thumbnail video={video} />,
    },
    {
      id: 'prompt',
      header: 'Video',
      meta: { takesRest: true },
      cell: ({ row: { original: video } }) => (
        <span className="block min-w-0">
          <Link
            to="/videos/$videoId"
            params={{ videoId: video.id }}
            className="prompt block truncate font-medium underline-offset-4 hover:underline"
          >
            {video.prompt}
          </Link>
          <span className="flex items-center gap-1.5 text-ink-faint text-xs">
            {video.operation !== 'create' && (
              <span
                className="inline-flex items-center gap-0.5"
                title={`Made from ${video.parent_id ?? 'an upload'}`}
              >
                <GitBranch aria-hidden className="size-3" /> {video.operation}
              </span>
            )}
            {video.hold && <Lock aria-label="On hold" className="size-3" />}
            <span className="truncate" title={video.id}>
              {video.model} · {video.seconds} s · {video.size.replace('x', ' × ')}
            </span>
          </span>
        </span>
      ),
    },
    {
      id: 'state',
      header: 'State',
      meta: { narrow: 'beneath' },
      cell: ({ row: { original: video } }) => (
        <>
          <StateBadge video={video} />
          {video.error && (
            <span className="block max-w-32 truncate text-ink-faint text-xs" title={video.error.message}>
              {video.error.code.replaceAll('_', ' ')}
            </span>
          )}
        </>
      ),
    },
    {
      id: 'team',
      header: 'Team, key',
      meta: { narrow: 'out' },
      cell: ({
        row: {
          original: { team, key },
        },
      }) => (
        <span className="block max-w-40">
          <span className="block truncate">{team.name}</span>
          <span className="block truncate text-ink-faint text-xs">{key.name}</span>
        </span>
      ),
    },
    {
      id: 'cost',
      header: 'Cost',
      meta: { align: 'right' },
      cell: ({ row: { original: video } }) => <Cost video={video} />,
    },
    {
      id: 'created',
      header: 'Created',
      meta: { align: 'right', narrow: 'out' },
      cell: ({ row: { original: video } }) => (
        <span
          className="block whitespace-nowrap"
          title={
            video.expires_at
              ? `${formatDateTime(video.created_at)}; kept until ${formatDateTime(video.expires_at)}`
              : formatDateTime(video.created_at)
          }
        >
          <Ago at={video.created_at} />
          {video.seconds_to_ready !== null && (
            <span className="block text-ink-faint text-xs">
              ready in {formatDuration(video.seconds_to_ready)}
            </span>
          )}
        </span>
      ),
    },
  ];
}

import type { Overview } from '@reelgate/contract/admin';
import { Link } from '@tanstack/react-router';
import { CircleAlert, Info, TriangleAlert } from 'lucide-react';
import { useSession } from '../../session/session.ts';
import { buttonClass } from '../../ui/button.tsx';
import { Ago } from '../../ui/values.tsx';

type Attention = Overview['attention'][number];

const ICONS = { critical: CircleAlert, warning: TriangleAlert, info: Info } as const;
const COLOURS = { critical: 'text-bad', warning: 'text-warn', info: 'text-info' } as const;
const WORDS = { critical: 'Critical', warning: 'Warning', info: 'To know' } as const;

/** Where each kind is acted on, and what the way there is called. */
function actionOf(
  { kind, target, team_id }: Attention,
  isAdmin: boolean,
): readonly [label: string, href: string] {
  switch (kind) {
    case 'team_over_80_percent':
      return ['Look at the team', `/teams/${team_id ?? target}`];
    case 'budget_request':
      return ['Decide', '/teams?tab=requests'];
    case 'frozen_team':
      return [isAdmin ? 'Unfreeze' : 'Look at the team', `/teams/${team_id ?? target}`];
    case 'stuck_video':
    case 'video_at_risk':
    case 'parked_reservation':
      return ['Open the video', `/videos/${target}`];
    case 'unpriced_model':
      return ['Set a price', '/upstreams?tab=prices'];
    case 'failing_upstream':
      return ['Drain it', '/upstreams'];
    case 'orphan':
      return ['Look at orphans', '/upstreams?tab=orphans'];
    case 'disabled_endpoint':
      return ['Acknowledge', `/webhooks/${target}`];
    case 'ledger_mismatch':
      return ['Look at the books', '/settings?tab=organization'];
    case 'paused':
      return ['Resume', '/settings?tab=organization'];
  }
}

/** Kinds of which there may be many, each about a video: what they are together, and where all of them are. */
const MANY = {
  video_at_risk: ['finished videos are not stored yet and may be lost', '/videos?show=at_risk'],
  stuck_video: ['videos are stuck', '/videos?show=stuck'],
  parked_reservation: ['costs wait for a decision', '/upstreams?tab=parked'],
} as const;

type Gathered = Attention & { readonly all?: readonly [label: string, href: string] };

/** One row for many videos of one kind, in the place of the first and worst. */
function gathered(rows: readonly Attention[]): Gathered[] {
  return rows.flatMap((row): Gathered[] => {
    const [words, href] = MANY[row.kind as keyof typeof MANY] ?? [];
    const same = rows.filter(({ kind }) => kind === row.kind);
    if (!words || !href || same.length === 1) return [row];
    if (same[0] !== row) return [];
    return [{ ...row, label: `${same.length} ${words}`, count: 1, all: ['Look at them', href] }];
  });
}

/** What somebody has to do, the worst first. */
export function AttentionList({ rows }: { rows: readonly Attention[] }) {
  const isAdmin = useSession().role === 'admin';
  return (
    <ul className="divide-y">
      {gathered(rows).map((row) => {
        const Icon = ICONS[row.severity];
        const [label, href] = row.all ?? actionOf(row, isAdmin);
        return (
          <li key={`${row.kind} ${row.target}`} className="flex items-center gap-3 px-4 py-2">
            <Icon aria-label={WORDS[row.severity]} className={`size-4 shrink-0 ${COLOURS[row.severity]}`} />
            <p className="min-w-0 flex-1 break-words text-sm">
              {row.label}
              {row.since && (
                <span className="text-ink-faint text-xs">
                  {' '}
                  · <Ago at={row.since} />
                </span>
              )}
            </p>
            <Link to={href as '/'} className={buttonClass('secondary', true)}>
              {label}
            </Link>
          </li>
        );
      })}
    </ul>
  );
}

import type { Overview } from '@reelgate/contract/admin';
import { Link } from '@tanstack/react-router';
import { CircleAlert, Info, TriangleAlert } from 'lucide-react';
import { buttonClass } from '../../ui/button.tsx';
import { Ago } from '../../ui/values.tsx';

type Attention = Overview['attention'][number];

const ICONS = { critical: CircleAlert, warning: TriangleAlert, info: Info } as const;
const COLOURS = { critical: 'text-bad', warning: 'text-warn', info: 'text-info' } as const;
const WORDS = { critical: 'Critical', warning: 'Warning', info: 'To know' } as const;

/** Where each kind is acted on, and what the way there is called. */
function actionOf({ kind, target, team_id }: Attention): readonly [label: string, href: string] {
  switch (kind) {
    case 'team_over_80_percent':
      return ['Look at the team', `/teams/${team_id ?? target}`];
    case 'budget_request':
      return ['Decide', '/teams?tab=requests'];
    case 'frozen_team':
      return ['Unfreeze', `/teams/${team_id ?? target}`];
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
      return ['Check the ledger', '/settings?tab=organization'];
    case 'paused':
      return ['Resume', '/settings?tab=organization'];
  }
}

/** What somebody has to do, the worst first. */
export function AttentionList({ rows }: { rows: readonly Attention[] }) {
  return (
    <ul className="divide-y">
      {rows.map((row) => {
        const Icon = ICONS[row.severity];
        const [label, href] = actionOf(row);
        return (
          <li key={`${row.kind} ${row.target}`} className="flex items-center gap-3 px-4 py-2">
            <Icon aria-label={WORDS[row.severity]} className={`size-4 shrink-0 ${COLOURS[row.severity]}`} />
            <p className="min-w-0 flex-1 text-sm">
              {row.label}
              {row.count > 1 && <span className="text-ink-faint"> · {row.count}</span>}
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

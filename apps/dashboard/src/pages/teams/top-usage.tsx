import type { UsageRow } from '@reelgate/contract/admin';
import { Link } from '@tanstack/react-router';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { csvUrl, useAdmin } from '../../api/admin.ts';
import { buttonClass } from '../../ui/button.tsx';
import { ErrorState, SkeletonRows } from '../../ui/feedback.tsx';
import { TextField } from '../../ui/field.tsx';
import { formatCount } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';
import { Money } from '../../ui/values.tsx';

const SHOWN = 8;

interface TopUsageProps {
  readonly title: string;
  readonly group: 'key' | 'model' | 'tag';
  readonly teamId: string;
  readonly period: { readonly from: string; readonly to?: string };
}

function nameOf(row: UsageRow, group: TopUsageProps['group']): string {
  const name = group === 'key' ? row.key_name : group === 'model' ? row.model : row.tag;
  return name ?? 'without';
}

/** Who or what spent most of a team's money in the time that is looked at. */
export function TopUsage({ title, group, teamId, period }: TopUsageProps) {
  const [tagKey, setTagKey] = useState('campaign');
  const query = {
    ...period,
    team_id: teamId,
    group_by: group,
    ...(group === 'tag' && { tag_key: tagKey }),
  };
  const usage = useAdmin('/usage', { query });
  const rows = [...(usage.data?.data ?? [])].sort((a, b) =>
    Number(BigInt(b.spent_micro_usd) - BigInt(a.spent_micro_usd)),
  );
  const largest = Number(rows[0]?.spent_micro_usd ?? 0);
  return (
    <Panel
      flush
      title={title}
      actions={
        <>
          {group === 'tag' && (
            <TextField
              label="Label"
              labelHidden
              className="w-28"
              defaultValue={tagKey}
              onBlur={(event) => event.target.value && setTagKey(event.target.value)}
              onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
            />
          )}
          <a
            href={csvUrl('/usage.csv', query)}
            download
            className={buttonClass('ghost', true)}
            aria-label={`${title} as CSV`}
            title="CSV"
          >
            <Download aria-hidden className="size-3.5" />
          </a>
        </>
      }
    >
      {usage.error ? (
        <ErrorState error={usage.error} />
      ) : !usage.data ? (
        <SkeletonRows rows={4} />
      ) : rows.length === 0 ? (
        <p className="px-4 pb-4 text-ink-faint text-sm">Nothing in this time.</p>
      ) : (
        <ul className="pb-2">
          {rows.slice(0, SHOWN).map((row) => (
            <li key={nameOf(row, group)} className="px-4 py-1.5 text-sm">
              <div className="flex items-baseline gap-2">
                <Link
                  to="/videos"
                  search={
                    {
                      team: teamId,
                      ...(group === 'key' && { key: row.key_id }),
                      ...(group === 'model' && { model: row.model }),
                    } as never
                  }
                  className="min-w-0 truncate underline-offset-4 hover:underline"
                >
                  {nameOf(row, group)}
                </Link>
                <span className="ml-auto whitespace-nowrap text-ink-faint text-xs">
                  {formatCount(row.videos, 'video')}
                </span>
                <Money value={row.spent_micro_usd} />
              </div>
              <div aria-hidden className="mt-1 h-1 rounded-full bg-line">
                <div
                  className="h-full rounded-full bg-accent"
                  style={{ width: `${largest > 0 ? (Number(row.spent_micro_usd) / largest) * 100 : 0}%` }}
                />
              </div>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

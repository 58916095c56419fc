import type { LineageGroup } from '@reelgate/contract/admin';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Download, GitBranch, Lock } from 'lucide-react';
import { SLOW_MS, useAdminList } from '../../api/admin.ts';
import { Badge } from '../../ui/badge.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../ui/feedback.tsx';
import { formatDate } from '../../ui/format.ts';
import { PageHeader, Panel } from '../../ui/panel.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import { ShowMore } from '../../ui/show-more.tsx';
import { TeamFilter } from '../../ui/team-select.tsx';
import { Ago, Money } from '../../ui/values.tsx';
import { contentUrl } from '../videos/content-url.ts';
import { Thumbnail } from '../videos/thumbnail.tsx';

/** What is finished, to be looked at: one card for each lineage. */
export default function Library() {
  const navigate = useNavigate({ from: '/library' });
  const { q, team } = useSearch({ from: '/inside/library' });
  const groups = useAdminList(
    '/library',
    { query: { q: q || undefined, team_id: team || undefined, limit: 48 } },
    { refetchInterval: SLOW_MS },
  );
  return (
    <>
      <PageHeader
        title="Library"
        actions={
          <>
            <TeamFilter
              value={team}
              onChange={(next) => void navigate({ search: (before) => ({ ...before, team: next }) })}
            />
            <SearchField
              label="Words of a prompt"
              value={q ?? ''}
              onSearch={(text) =>
                void navigate({ search: (before) => ({ ...before, q: text || undefined }), replace: true })
              }
            />
          </>
        }
      />
      {groups.error ? (
        <ErrorState error={groups.error} onRetry={groups.refetch} />
      ) : groups.rows === undefined ? (
        <div
          role="status"
          aria-label="Loading"
          className="grid grid-cols-[repeat(auto-fill,minmax(14rem,1fr))] gap-3"
        >
          {['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((bar) => (
            <Skeleton key={bar} className="h-48 w-full" />
          ))}
        </div>
      ) : groups.rows.length === 0 ? (
        <Panel>
          <EmptyState
            title={q || team ? 'Nothing matches' : 'No finished video yet'}
            {...(!q &&
              !team && {
                code: `curl ${location.origin}/v1/videos -H "Authorization: Bearer $KEY" \\\n  -F model=sora-2 -F seconds=4 -F prompt='A red balloon over a lake'`,
              })}
          />
        </Panel>
      ) : (
        <>
          <ul className="grid grid-cols-[repeat(auto-fill,minmax(14rem,1fr))] gap-3">
            {groups.rows.map((group) => (
              <Card key={group.root_id} group={group} />
            ))}
          </ul>
          <div className="mt-4">
            <ShowMore list={groups} />
          </div>
        </>
      )}
    </>
  );
}

function Card({ group }: { group: LineageGroup }) {
  const newest = group.videos.at(-1);
  if (!newest) return null;
  return (
    <li className="flex min-w-0 flex-col overflow-hidden rounded-lg border bg-panel">
      <Link to="/videos/$videoId" params={{ videoId: newest.id }} aria-label={`Open: ${group.prompt}`}>
        <Thumbnail video={newest} whole className="aspect-video w-full rounded-none" />
      </Link>
      <div className="flex flex-1 flex-col gap-1.5 p-3">
        <p className="prompt line-clamp-2 text-sm" title={group.prompt}>
          {group.prompt}
        </p>
        <p className="mt-auto flex items-baseline gap-2 text-xs">
          <span className="min-w-0 truncate text-ink-soft">{group.team.name}</span>
          <span className="ml-auto font-medium">
            <Money value={group.cost_micro_usd} />
          </span>
        </p>
        <div className="flex min-h-6 flex-wrap items-center gap-1.5 text-ink-faint text-xs">
          <Ago at={group.last_at} />
          {group.count > 1 && (
            <Link to="/videos" search={{ root: group.root_id }}>
              <Badge tone="accent" icon={GitBranch}>
                {group.count} videos
              </Badge>
            </Link>
          )}
          {newest.hold ? (
            <Badge icon={Lock}>On hold</Badge>
          ) : (
            newest.expires_at && (
              <Badge title="When retention deletes it">until {formatDate(newest.expires_at)}</Badge>
            )
          )}
          <a
            href={contentUrl(newest.id, 'video')}
            download
            aria-label="Download the newest"
            title="Download the newest"
            className="-my-1 ml-auto rounded p-1 text-ink-soft hover:bg-sunken hover:text-ink"
          >
            <Download aria-hidden className="size-3.5" />
          </a>
        </div>
      </div>
    </li>
  );
}

import type { VideoCounts } from '@reelgate/contract/admin';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { ArrowUp, Download, ListFilter, X } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import { csvUrl, LIVE_MS, useAdmin, useAdminList } from '../../api/admin.ts';
import { canManage, useSession } from '../../session/session.ts';
import { useRange } from '../../shell/time-range.tsx';
import { Button, buttonClass } from '../../ui/button.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import { EmptyState, ErrorState } from '../../ui/feedback.tsx';
import { formatNumber } from '../../ui/format.ts';
import { Dialog } from '../../ui/overlay.tsx';
import { PageHeader, Panel } from '../../ui/panel.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import { ShowMore } from '../../ui/show-more.tsx';
import { BulkActions } from './bulk-actions.tsx';
import { Facets } from './facets.tsx';
import { CLEARED, isFiltered, type VideoSearch, videoQuery } from './filters.ts';
import { SavedViews } from './saved-views.tsx';
import { videoColumns } from './video-columns.tsx';

const PAGE = 100;

export default function Videos() {
  const session = useSession();
  const navigate = useNavigate({ from: '/videos' });
  const search: VideoSearch = useSearch({ from: '/inside/videos' });
  const range = useRange();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [filtersOpen, setFiltersOpen] = useState(false);
  // Rows never jump: what is made after this moment waits behind a button.
  const [until, setUntil] = useState(() => new Date().toISOString());

  const query = videoQuery(search, range);
  const ended = query.created_before !== undefined && query.created_before < until;
  const shown = { ...query, created_before: ended ? query.created_before : until };
  const videos = useAdminList('/videos', { query: { ...shown, limit: PAGE } }, { refetchInterval: LIVE_MS });
  const counts = useAdmin('/videos/counts', { query });
  const fresh = useAdmin(
    '/videos/counts',
    { query: { ...query, created_after: until } },
    { enabled: !ended, refetchInterval: LIVE_MS },
  );
  const news = ended ? 0 : (fresh.data?.total ?? 0);

  const change = useCallback(
    (next: VideoSearch) => {
      setSelected(new Set());
      setUntil(new Date().toISOString());
      void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
    },
    [navigate],
  );
  const toggle = useCallback(
    (id: string) =>
      setSelected((before) => {
        const after = new Set(before);
        if (!after.delete(id)) after.add(id);
        return after;
      }),
    [],
  );
  const columns = useMemo(() => videoColumns({ selected, toggle }), [selected, toggle]);
  const filtered = isFiltered(search);
  const mayChange = session.role === 'admin' || session.teams.some(({ id }) => canManage(session, id));

  return (
    <>
      <PageHeader
        title="Videos"
        note={counts.data && <Matches counts={counts.data} />}
        actions={
          <>
            <SearchField
              label="Prompt or id"
              value={search.q ?? ''}
              onSearch={(text) => change({ q: text || undefined })}
            />
            <Button className="lg:hidden" onClick={() => setFiltersOpen(true)}>
              <ListFilter aria-hidden className="size-3.5" /> Filters
            </Button>
            {filtered && (
              <Button look="ghost" onClick={() => change(CLEARED)}>
                <X aria-hidden className="size-3.5" /> Clear
              </Button>
            )}
            <SavedViews />
            {mayChange && (
              <BulkActions
                selected={selected}
                query={query}
                total={counts.data?.of_newest === null ? counts.data.total : undefined}
                onDone={() => setSelected(new Set())}
              />
            )}
            <a href={csvUrl('/videos.csv', query)} download className={buttonClass('secondary')}>
              <Download aria-hidden className="size-3.5" /> CSV
            </a>
          </>
        }
      />
      <div className="grid gap-4 lg:grid-cols-[13rem_minmax(0,1fr)]">
        <aside
          aria-label="Filters"
          className="hidden lg:sticky lg:top-16 lg:-ml-2 lg:block lg:max-h-[calc(100dvh-5rem)] lg:self-start lg:overflow-y-auto lg:pb-4 lg:pl-2"
        >
          <Facets search={search} counts={counts.data} onChange={change} />
        </aside>
        <Panel flush className="self-start">
          {news > 0 && (
            <button
              type="button"
              onClick={() => setUntil(new Date().toISOString())}
              className="flex w-full items-center justify-center gap-1.5 border-b bg-accent-soft py-1.5 font-medium text-accent text-sm"
            >
              <ArrowUp aria-hidden className="size-3.5" /> {formatNumber(news)} new
            </button>
          )}
          {videos.error ? (
            <ErrorState error={videos.error} onRetry={videos.refetch} />
          ) : (
            <DataTable
              label="Videos"
              rows={videos.rows}
              columns={columns}
              rowId={(video) => video.id}
              rowHeight={52}
              onOpen={(video) => void navigate({ to: '/videos/$videoId', params: { videoId: video.id } })}
              onEnd={videos.loadMore}
              footer={<ShowMore list={videos} />}
              empty={
                filtered ? (
                  <EmptyState
                    title="No video matches"
                    action={<Button onClick={() => change(CLEARED)}>Clear the filters</Button>}
                  >
                    Nor in the time that is chosen above.
                  </EmptyState>
                ) : (
                  <EmptyState
                    title="No videos in this time"
                    code={`curl ${location.origin}/v1/videos -H "Authorization: Bearer $KEY" \\\n  -F model=sora-2 -F seconds=4 -F prompt='A red balloon over a lake'`}
                  >
                    This makes one.
                  </EmptyState>
                )
              }
            />
          )}
        </Panel>
      </div>
      <Dialog side open={filtersOpen} onOpenChange={setFiltersOpen} title="Filters">
        <Facets search={search} counts={counts.data} onChange={change} />
      </Dialog>
    </>
  );
}

/** How many there are; where only the newest were counted, it says so. */
function Matches({ counts }: { counts: VideoCounts }) {
  const { total, of_newest: newest } = counts;
  if (newest === null) return <>{formatNumber(total)} match</>;
  return (
    <>
      {formatNumber(total)} or more match; counted among the newest {formatNumber(newest)} of this time
    </>
  );
}

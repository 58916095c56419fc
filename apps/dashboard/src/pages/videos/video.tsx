import type { AdminVideoDetail } from '@reelgate/contract/admin';
import { Link, useParams } from '@tanstack/react-router';
import { CircleAlert } from 'lucide-react';
import { LIVE_MS, useAdmin } from '../../api/admin.ts';
import { canManage, useSession } from '../../session/session.ts';
import { Badge } from '../../ui/badge.tsx';
import { Id } from '../../ui/copy.tsx';
import { ErrorState, SkeletonRows } from '../../ui/feedback.tsx';
import { formatDateTime, formatDuration } from '../../ui/format.ts';
import { PageHeader, Panel } from '../../ui/panel.tsx';
import { TeamLink } from '../../ui/team-link.tsx';
import { Ago, Money, NoData } from '../../ui/values.tsx';
import { Lineage } from './lineage.tsx';
import { Player } from './player.tsx';
import { Deliveries, Fact, Ledger, Provenance, UpstreamError } from './records.tsx';
import { ShareLinks } from './share-links.tsx';
import { StateBadge } from './status.tsx';
import { Timeline } from './timeline.tsx';
import { VideoActions } from './video-actions.tsx';
import { Cost } from './video-columns.tsx';

export default function VideoPage() {
  const { videoId } = useParams({ from: '/inside/videos/$videoId' });
  const session = useSession();
  const video = useAdmin(
    '/videos/{video_id}',
    { params: { video_id: videoId } },
    { refetchInterval: LIVE_MS },
  );
  if (video.error) return <ErrorState error={video.error} onRetry={() => void video.refetch()} />;
  if (!video.data) return <SkeletonRows rows={10} />;
  const { data } = video;
  const mayManage = canManage(session, data.team.id);
  return (
    <>
      <PageHeader
        title={<span className="prompt">{data.prompt}</span>}
        note={
          <span className="flex flex-wrap items-center gap-2">
            <Id id={data.id} /> <StateBadge video={data} />
          </span>
        }
        actions={<VideoActions video={data} />}
      />
      {data.error && (
        <p
          role="status"
          className="mb-3 flex items-start gap-2 rounded-md bg-bad-soft px-3 py-2 text-bad text-sm"
        >
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          <span>
            <code className="font-mono">{data.error.code}</code>: {data.error.message}
          </span>
        </p>
      )}
      <div className="grid grid-cols-1 gap-3 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="space-y-3">
          <Panel>
            <Player video={data} />
          </Panel>
          <Lineage lineage={data.lineage} />
          <Ledger video={data} />
          <Deliveries video={data} mayReplay={mayManage} />
        </div>
        <div className="space-y-3">
          <Panel title="The video">
            <Facts video={data} />
          </Panel>
          <Panel title="What happened">
            <Timeline entries={data.timeline} />
          </Panel>
          <UpstreamError error={data.upstream_error} />
          {data.variants.includes('video') && <ShareLinks videoId={data.id} mayShare={mayManage} />}
          <Provenance video={data} />
        </div>
      </div>
    </>
  );
}

function Facts({ video }: { video: AdminVideoDetail }) {
  return (
    <dl className="grid items-baseline gap-x-6 gap-y-1.5 text-sm sm:grid-cols-[max-content_minmax(0,1fr)]">
      <Fact name="Prompt">
        <p className="prompt max-h-40 overflow-y-auto whitespace-pre-wrap">{video.prompt}</p>
      </Fact>
      <Fact name="Team, key">
        <TeamLink team={video.team} />, {video.key.name}{' '}
        <code className="font-mono text-ink-faint text-xs">{video.key.prefix}…</code>
      </Fact>
      <Fact name="Asked for">
        {video.operation}, {video.model}, {video.seconds} s, {video.size.replace('x', ' × ')}
      </Fact>
      <Fact name="Cost">
        <Cost video={video} />{' '}
        <span className="text-ink-faint text-xs">
          {video.cost.state}; {video.billed_seconds} s at <Money value={video.price.per_second_micro_usd} /> a
          second
        </span>
      </Fact>
      <Fact name="Ready after">
        {video.seconds_to_ready === null ? <NoData /> : formatDuration(video.seconds_to_ready)}
      </Fact>
      <Fact name="Created">
        {formatDateTime(video.created_at)} (<Ago at={video.created_at} />)
      </Fact>
      {video.upstream_expires_at && video.ready_at === null && (
        <Fact name="Gone upstream">
          <Ago at={video.upstream_expires_at} />
        </Fact>
      )}
      <Fact name="Kept until">
        {video.hold
          ? 'The hold ends'
          : video.expires_at
            ? formatDateTime(video.expires_at)
            : 'Somebody deletes it'}
      </Fact>
      {Object.keys(video.metadata).length > 0 && (
        <Fact name="Labels">
          <span className="flex flex-wrap gap-1">
            {Object.entries(video.metadata).map(([name, value]) => (
              <Link key={name} to="/videos" search={{ tag: `${name}:${value}` }}>
                <Badge>
                  {name}: {value}
                </Badge>
              </Link>
            ))}
          </span>
        </Fact>
      )}
    </dl>
  );
}

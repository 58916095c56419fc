import { type AuditRow, listAudit } from '../audit/index.ts';
import type { AdminContext } from '../context.ts';
import { getLineageOfTeam, type LineageNode } from '../videos/index.ts';
import { videoNotFound } from './find-team-of-video.ts';
import { type LedgerRow, listLedger } from './queries/ledger.ts';
import {
  type AssetStory,
  type DeliveryStory,
  findStory,
  type Happening,
  listAssets,
  listSubmissions,
  listVideoDeliveries,
  listVideoEvents,
  type StoryRow,
  type SubmissionStory,
} from './queries/story.ts';
import { findVideoOverviews, type VideoOverview } from './queries/videos.ts';

const MAX_ENTRIES = 200;

export interface VideoStory {
  readonly video: VideoOverview;
  readonly facts: StoryRow;
  readonly submissions: readonly SubmissionStory[];
  readonly assets: readonly AssetStory[];
  readonly events: readonly Happening[];
  readonly deliveries: readonly DeliveryStory[];
  readonly ledger: readonly LedgerRow[];
  /** Itself at distance 0. */
  readonly lineage: readonly LineageNode[];
  /** What administrators did to it, oldest first. */
  readonly audit: readonly AuditRow[];
}

/** One video with everything that is kept of it. Throws `video_not_found` where it is not in the scope. */
export async function getVideoStory(
  ctx: Pick<AdminContext, 'db' | 'scope'>,
  id: string,
): Promise<VideoStory> {
  const { db, scope } = ctx;
  const [video] = await findVideoOverviews(db, scope, [id]);
  const facts = video && (await findStory(db, id));
  if (!video || !facts) throw videoNotFound(id);
  const submissions = await listSubmissions(db, id);
  const assets = await listAssets(db, id);
  const events = await listVideoEvents(db, id);
  const deliveries = await listVideoDeliveries(db, id);
  const ledger = await listLedger(db, 'all', { videoId: id }, { beforeId: null, limit: MAX_ENTRIES });
  const lineage = await getLineageOfTeam({ db }, video.team.id, id);
  const audit = await listAudit({ db }, { target: id }, { after: null, limit: MAX_ENTRIES });
  return {
    video,
    facts,
    submissions,
    assets,
    events,
    deliveries,
    ledger: visibleLedger(ledger, scope).reverse(),
    lineage: [...lineage.ancestors, ...lineage.descendants],
    audit: [...audit.rows].reverse(),
  };
}

/** The organization's books are for those who see everything. */
function visibleLedger(rows: readonly LedgerRow[], scope: AdminContext['scope']): LedgerRow[] {
  return rows.filter(({ scopeKind }) => scope === 'all' || scopeKind !== 'org');
}

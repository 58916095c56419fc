/** One turn at everything that one upstream account renders. */
import type { ServiceContext } from '../context.ts';
import type { PollResult, UpstreamVideo, VideoUpstream } from '../ports/index.ts';
import { inParallel } from './in-parallel.ts';
import { OLD_FACTOR, YOUNG_MS } from './next-look.ts';
import { noteFault } from './note-fault.ts';
import { noteOrphans } from './note-orphans.ts';
import { decide } from './poll-video.ts';
import {
  type Claim,
  claimAnyDueRenders,
  claimAnySeen,
  endPollTurn,
  findAnyOldestRender,
  type ListedRow,
  listAnyListed,
  noteListed,
  type PollTurn,
  recordSeen,
  renewPollTurn,
  type SeenUnfinished,
  takePollTurn,
} from './queries/index.ts';

/** An account that renders nothing is still looked at so often: its list may show what no row explains, in ms. */
const IDLE_MS = 60_000;
/** The list and our clocks may differ by so much, in ms. */
const TOLERANCE_MS = 2 * 60_000;
/** A render that a list shows is looked at by itself only if no list shows it for so many intervals. */
const UNSEEN_INTERVALS = 6;
/** A page on which fewer of ours are still rendered is dearer than to look at the rest one by one. */
const WORTHWHILE_ON_PAGE = 2;
/** Single looks of one turn, at most, and how many of them at once. */
const SINGLE_LOOKS = 200;
const SINGLE_LOOKS_AT_ONCE = 8;
/** So many looks in a row that tell nothing end the turn: the upstream is away, and others must not wait for it. */
const ENOUGH_SILENCE = 3;
/** Renders that ended, recorded at once. */
const ENDED_AT_ONCE = 8;

/**
 * Looks at everything that an account renders, if it is time and nobody else is at it. Where the upstream lists, one call
 * answers for a hundred videos; those that no page shows, or where no list can be had, are looked at one by one, within limits.
 * Resolves to whether it was this worker's turn.
 */
export async function pollAccount(ctx: ServiceContext, accountId: string): Promise<boolean> {
  const upstream = ctx.ports.upstreams(accountId);
  if (!upstream) return false;
  const { pollIntervalMs, lists } = upstream.capabilities;
  const turn = await takePollTurn(ctx.db, accountId, {
    owner: ctx.owner,
    leaseMs: ctx.timing.leaseMs,
    everyMs: pollIntervalMs,
    deepEveryMs: pollIntervalMs * OLD_FACTOR,
    lists,
    idleMs: lists ? IDLE_MS : Number.MAX_SAFE_INTEGER,
  });
  if (!turn) return false;
  const startedAt = performance.now();
  const renewing = setInterval(() => {
    // A turn that does not come to its end is left to others.
    if (performance.now() - startedAt > ctx.timing.stuckMs) return clearInterval(renewing);
    // Whoever loses the turn may double some looks; every write is fenced by its own row.
    renewPollTurn(ctx.db, accountId, ctx.owner, ctx.timing.leaseMs).catch(() => undefined);
  }, ctx.timing.leaseMs / 3);
  try {
    const census = lists ? await readList(ctx, upstream, turn) : { pages: 0, seen: 0, ended: 0 };
    if (census.pages > 0) await noteListed(ctx.db, accountId);
    const single = await lookOneByOne(ctx, upstream);
    ctx.log.info('poll.account', {
      upstream: accountId,
      pageCount: census.pages,
      seenCount: census.seen,
      endedCount: census.ended,
      singleCount: single,
      durationMs: Math.round(performance.now() - startedAt),
    });
    return true;
  } finally {
    clearInterval(renewing);
    await endPollTurn(ctx.db, accountId, ctx.owner);
  }
}

interface Census {
  readonly pages: number;
  /** Renders of ours that were on them. */
  readonly seen: number;
  readonly ended: number;
}

/**
 * Reads the list as far back as there is a render to be found for less than it costs to ask for it alone. The upstream is what takes
 * time, page after page: what one shows is recorded while the next are read.
 */
async function readList(ctx: ServiceContext, upstream: VideoUpstream, turn: PollTurn): Promise<Census> {
  const { count, createdAt } = await findAnyOldestRender(
    ctx.db,
    upstream.accountId,
    turn.deep ? null : YOUNG_MS,
  );
  const backTo = (createdAt ?? turn.takenAt).getTime() - TOLERANCE_MS;
  let census: Census = { pages: 0, seen: 0, ended: 0 };
  let reading = upstream.list({});
  let recorded: Promise<unknown> = Promise.resolve();
  let failure: unknown;
  const record = (work: () => Promise<void>) => {
    recorded = recorded.then(work).catch((error: unknown) => {
      failure ??= error;
    });
  };
  const end = async () => {
    await recorded;
    if (failure !== undefined) throw failure;
    return census;
  };
  for (;;) {
    const result = await reading;
    if (result.kind === 'unavailable') {
      ctx.log.warn('poll.list_unavailable', { upstream: upstream.accountId, reason: result.reason });
      return await end();
    }
    // Where there is surely more to see, the next page is on its way while this one is looked at.
    const ahead = result.next !== undefined && count - census.seen > result.videos.length;
    if (ahead && result.next !== undefined) reading = upstream.list({ after: result.next });
    const { seen, ended, recordAll } = await readPage(ctx, upstream, turn, result.videos);
    record(recordAll);
    census = { pages: census.pages + 1, seen: census.seen + seen, ended: census.ended + ended };
    const oldest = result.videos.at(-1)?.createdAt?.getTime();
    if (
      result.next === undefined ||
      census.seen >= count ||
      seen < WORTHWHILE_ON_PAGE ||
      (oldest !== undefined && oldest < backTo)
    )
      return await end();
    if (!ahead) reading = upstream.list({ after: result.next });
  }
}

async function readPage(
  ctx: ServiceContext,
  upstream: VideoUpstream,
  turn: PollTurn,
  shown: readonly UpstreamVideo[],
): Promise<{ seen: number; ended: number; recordAll: () => Promise<void> }> {
  const rows = await listAnyListed(
    ctx.db,
    upstream.accountId,
    shown.map(({ id }) => id),
  );
  const known = new Map(rows.map((row) => [row.upstreamId, row]));
  await noteOrphans(
    ctx,
    upstream,
    shown.filter(({ id }) => !known.has(id)),
  );
  const goOn: SeenUnfinished[] = [];
  const ended: { row: ListedRow; video: UpstreamVideo }[] = [];
  let seen = 0;
  for (const video of shown) {
    const row = known.get(video.id);
    if (row?.state !== 'rendering') continue;
    seen++;
    if (row.busy) continue;
    if (video.state === 'succeeded' || video.state === 'failed') ended.push({ row, video });
    else if (isOverdue(ctx, row, turn)) ended.push({ row, video });
    else if (isNews(row, video, upstream)) goOn.push(unfinished(row, video, upstream));
  }
  const recordAll = async () => {
    if (goOn.length > 0) await recordSeen(ctx.db, goOn);
    await inParallel(ENDED_AT_ONCE, ended, async ({ row, video }) => {
      const claim = await claimAnySeen(ctx.db, row, { owner: ctx.owner, ms: ctx.timing.leaseMs });
      if (!claim) return;
      await ctx.failpoint?.('poll.claimed');
      ctx.log.info('poll.ended', {
        videoId: row.id,
        outcome: video.state,
        lateMs: video.completedAt ? turn.takenAt.getTime() - video.completedAt.getTime() : undefined,
      });
      await ctx.failpoint?.('poll.seen');
      await decideOrNote(ctx, claim, upstream, { kind: 'seen', video });
    });
  };
  return { seen, ended: ended.length, recordAll };
}

/** It takes so long that somebody has to decide. */
function isOverdue(ctx: ServiceContext, row: ListedRow, turn: PollTurn): boolean {
  return row.submittedAt !== null && turn.takenAt.getTime() - row.submittedAt.getTime() > ctx.timing.renderMs;
}

/** A row is written when something is to be told of it, and now and then to say that it was seen. */
function isNews(row: ListedRow, video: UpstreamVideo, upstream: VideoUpstream): boolean {
  const unseenMs = upstream.capabilities.pollIntervalMs * UNSEEN_INTERVALS;
  return (
    Math.min(Math.trunc(video.progress ?? 0), 99) > row.progress ||
    (video.state === 'running' && row.startedAt === null) ||
    row.failures > 0 ||
    (row.dueInMs ?? 0) < unseenMs / 2
  );
}

function unfinished(row: ListedRow, video: UpstreamVideo, upstream: VideoUpstream): SeenUnfinished {
  return {
    id: row.id,
    leaseEpoch: row.leaseEpoch,
    progress: Math.min(Math.trunc(video.progress ?? 0), 99),
    started: video.state === 'running',
    begins: video.state === 'running' && row.startedAt === null,
    lookInMs: upstream.capabilities.pollIntervalMs * UNSEEN_INTERVALS,
  };
}

/** Those that are due all the same: beyond the pages, hidden by a list that lags, or of an upstream that does not list. */
async function lookOneByOne(ctx: ServiceContext, upstream: VideoUpstream): Promise<number> {
  const lease = { owner: ctx.owner, ms: ctx.timing.leaseMs * 3 };
  let looks = 0;
  let silent = 0;
  while (looks < SINGLE_LOOKS && silent < ENOUGH_SILENCE) {
    const claims = await claimAnyDueRenders(ctx.db, upstream.accountId, SINGLE_LOOKS_AT_ONCE, lease);
    await inParallel(SINGLE_LOOKS_AT_ONCE, claims, async (claim) => {
      await ctx.failpoint?.('poll.claimed');
      const result = claim.upstreamHandle
        ? await upstream.poll(claim.upstreamHandle)
        : ({ kind: 'unavailable', reason: 'no_handle' } as const);
      await ctx.failpoint?.('poll.seen');
      silent = result.kind === 'unavailable' ? silent + 1 : 0;
      await decideOrNote(ctx, claim, upstream, result);
    });
    looks += claims.length;
    if (claims.length < SINGLE_LOOKS_AT_ONCE) break;
  }
  return looks;
}

/** One video that cannot be recorded must not keep the others of its account from it. */
async function decideOrNote(
  ctx: ServiceContext,
  claim: Claim,
  upstream: VideoUpstream,
  result: PollResult,
): Promise<void> {
  try {
    await decide(ctx, claim, upstream, result);
  } catch (error) {
    ctx.log.error('poll.undecided', { videoId: claim.id, error });
    await noteFault(ctx, claim.id, error);
  }
}

/** Everything that is kept of one video, for whoever wants to know what happened to it. */
import type { Queryable } from '@reelgate/db';
import { sql } from 'drizzle-orm';

export interface StoryRow {
  readonly upstreamVideoId: string | null;
  readonly upstreamModel: string;
  readonly priceId: string;
  readonly perSecondMicroUsd: bigint;
  readonly params: Record<string, unknown>;
  readonly inputs: Record<string, unknown>[];
  readonly requestSha256: string;
  readonly promptSha256: string;
}

export async function findStory(db: Queryable, id: string): Promise<StoryRow | null> {
  const { rows } = await db.execute<Omit<StoryRow, 'perSecondMicroUsd'> & { price: string }>(sql`
    select v.upstream_id as "upstreamVideoId", v.upstream_model as "upstreamModel", v.price_id as "priceId",
           v.unit_price_micro as price, v.params, v.inputs, v.full_fp as "requestSha256",
           encode(sha256(convert_to(v.prompt, 'UTF8')), 'hex') as "promptSha256"
      from videos v where v.id = ${id}`);
  const [row] = rows;
  return row ? { ...row, perSecondMicroUsd: BigInt(row.price) } : null;
}

export interface SubmissionStory {
  readonly no: number;
  readonly state: string;
  readonly upstreamId: string;
  readonly preparedAt: Date;
  readonly sentAt: Date | null;
  readonly endedAt: Date | null;
  readonly httpStatus: number | null;
  readonly errorClass: string | null;
  readonly upstreamRequestId: string | null;
}

export async function listSubmissions(db: Queryable, id: string): Promise<SubmissionStory[]> {
  const { rows } = await db.execute<Dated<SubmissionStory>>(sql`
    select no, state, account_id as "upstreamId", prepared_at as "preparedAt", sent_at as "sentAt", ended_at as "endedAt",
           http_status as "httpStatus", error_class as "errorClass", upstream_request_id as "upstreamRequestId"
      from upstream_submissions where video_id = ${id} order by no`);
  return rows.map((row) => ({
    ...row,
    preparedAt: new Date(row.preparedAt),
    sentAt: dateOrNull(row.sentAt),
    endedAt: dateOrNull(row.endedAt),
  }));
}

export interface AssetStory {
  readonly variant: 'video' | 'thumbnail' | 'spritesheet';
  readonly state: string;
  readonly origin: string;
  readonly bytes: number | null;
  readonly sha256: string | null;
  readonly contentType: string | null;
  readonly objectKey: string | null;
  readonly verifiedAt: Date | null;
}

export async function listAssets(db: Queryable, id: string): Promise<AssetStory[]> {
  const { rows } = await db.execute<Dated<AssetStory>>(sql`
    select variant, state, origin, bytes::float8 as bytes, sha256, content_type as "contentType", object_key as "objectKey",
           verified_at as "verifiedAt"
      from assets where video_id = ${id} order by variant desc`);
  return rows.map((row) => ({ ...row, verifiedAt: dateOrNull(row.verifiedAt) }));
}

export interface DeliveryStory {
  readonly id: string;
  readonly endpointId: string;
  readonly endpointUrl: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly state: 'pending' | 'delivered' | 'exhausted' | 'cancelled';
  readonly attempts: number;
  readonly nextAttemptAt: Date | null;
  readonly lastStatus: number | null;
  readonly lastOutcome: string | null;
  readonly lastAt: Date | null;
  readonly replayOf: string | null;
  readonly createdAt: Date;
}

export async function listVideoDeliveries(db: Queryable, id: string): Promise<DeliveryStory[]> {
  const { rows } = await db.execute<Dated<DeliveryStory>>(sql`
    select d.id, d.endpoint_id as "endpointId", coalesce(d.url, w.url) as "endpointUrl", e.id as "eventId", e.type as "eventType", d.state,
           d.attempt_no as attempts, d.next_attempt_at as "nextAttemptAt", a.status as "lastStatus", a.outcome as "lastOutcome",
           a.started_at + make_interval(secs => a.duration_ms / 1000.0) as "lastAt", d.replay_of as "replayOf",
           d.created_at as "createdAt"
      from events e
      join webhook_deliveries d on d.event_id = e.id
      join webhook_endpoints w on w.id = d.endpoint_id
      left join lateral (select * from webhook_attempts a where a.delivery_id = d.id order by a.no desc limit 1) a on true
     where e.video_id = ${id} order by d.created_at limit 200`);
  return rows.map((row) => ({
    ...row,
    nextAttemptAt: dateOrNull(row.nextAttemptAt),
    lastAt: dateOrNull(row.lastAt),
    createdAt: new Date(row.createdAt),
  }));
}

export interface Happening {
  readonly at: Date;
  readonly type: string;
  readonly id: string;
}

export async function listVideoEvents(db: Queryable, id: string): Promise<Happening[]> {
  const { rows } = await db.execute<Dated<Happening>>(
    sql`select occurred_at as at, type, id from events where video_id = ${id} order by occurred_at limit 200`,
  );
  return rows.map((row) => ({ ...row, at: new Date(row.at) }));
}

type Dated<T> = { [K in keyof T]: T[K] extends Date ? string : Date extends T[K] ? string | null : T[K] };

function dateOrNull(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}

import { randomBytes } from 'node:crypto';
import { type Principal, parseLimitState, refusalOf } from '@reelgate/core';
import { TEST_ACCOUNT } from '@reelgate/testkit';
import type pg from 'pg';

export interface Amounts {
  /** Micro-US-dollars. */
  readonly cost: number;
  readonly seconds: number;
}

/** A prompt and a price make no difference to a quota, so that every video has the same. */
export function videoRow(principal: Principal, amounts: Amounts, id = newVideoId()) {
  return {
    id,
    ...principal,
    operation: 'create',
    model: 'sora-2',
    upstreamAccountId: TEST_ACCOUNT,
    upstreamModel: 'sora-2',
    prompt: 'p',
    params: {},
    inputs: [],
    metadata: {},
    fullFingerprint: id,
    visibleFingerprint: id,
    seconds: amounts.seconds,
    billedSeconds: amounts.seconds,
    size: '720x1280',
    unitPriceMicroUsd: '1',
    estimatedMicroUsd: String(amounts.cost),
    submissionId: id.replace('video_', 'sub_'),
    submitNow: true,
    leaseOwner: 'test',
    leaseMs: 60_000,
    route: 'create',
    retryCount: 0,
    amounts: { cost: String(amounts.cost), seconds: String(amounts.seconds), videos: '1', concurrent: '1' },
  };
}

const newVideoId = () => `video_${randomBytes(16).toString('hex')}`;

/** Accepts a video as core does. Null, or the code with which it was refused; any other error is thrown. */
export async function accept(
  client: pg.Pool | pg.PoolClient,
  row: ReturnType<typeof videoRow>,
): Promise<string | null> {
  const video = `jsonb_set($1::jsonb, '{priceId}', (select to_jsonb(id) from prices limit 1))`;
  const { rows } = await client.query<{ refusal: unknown }>({
    name: 'accept',
    text: `select refusal from accept_video(${video})`,
    values: [JSON.stringify(row)],
  });
  const refusal = rows[0]?.refusal;
  return refusal ? (refusalOf(parseLimitState(refusal))?.code ?? null) : null;
}

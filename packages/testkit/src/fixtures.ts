import { randomBytes } from 'node:crypto';
import { applyModels, createTeam, type Principal, UNRESTRICTED } from '@reelgate/core';
import { type Database, newId } from '@reelgate/db';

export const TEST_ACCOUNT = 'simulator';

/** 0.10 US dollars, in micro-US-dollars. */
const TEST_PRICE_PER_SECOND = 100_000n;

/** One upstream account and the model `sora-2` at ten cents a second. */
export async function seedModels(db: Database, baseUrl = 'http://127.0.0.1:9/v1'): Promise<void> {
  await applyModels(
    { db },
    {
      upstreams: [{ name: TEST_ACCOUNT, kind: 'openai', baseUrl }],
      models: [
        {
          name: 'sora-2',
          upstream: TEST_ACCOUNT,
          upstreamModel: 'sora-2',
          seconds: [4, 8, 12],
          sizes: ['720x1280', '1280x720'],
          defaultSeconds: 4,
          defaultSize: '720x1280',
          pricePerSecondMicroUsd: { '720x1280': TEST_PRICE_PER_SECOND, '1280x720': TEST_PRICE_PER_SECOND },
        },
      ],
    },
  );
}

/** A team with one key; the key's secret is not needed where no gateway is asked. */
export async function seedTeam(
  db: Database,
  name = `team-${randomBytes(4).toString('hex')}`,
): Promise<Principal> {
  const team = await createTeam({ db }, { name });
  const keyId = newId('apiKey');
  await db.$client.query(
    'insert into api_keys (id, team_id, name, prefix, hash) values ($1, $2, $3, $4, $5)',
    [keyId, team.id, 'test', randomBytes(4).toString('hex'), randomBytes(32).toString('hex')],
  );
  return { ...UNRESTRICTED, teamId: team.id, keyId };
}

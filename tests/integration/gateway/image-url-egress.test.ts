/** A picture's URL is handed to an upstream, which fetches it: no address goes out that we would not connect to ourselves. */
import { createEgress } from '@reelgate/adapters/egress';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack, type Team } from './gateway-process.ts';

const egress = createEgress({ allowedCidrs: [], allowHttp: true, anyPort: true, connectTimeoutMs: 1_000 });

let stack: Stack;
let team: Team;
beforeAll(async () => {
  stack = await startStack();
  team = await stack.addTeam();
});
afterAll(() => stack.close());

/** The same in every run: a linear congruential generator. */
function* bytes(): Generator<number, never> {
  for (let state = 20_261_126; ; ) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield (state >>> 16) & 0xff;
  }
}
const random = bytes();
const group = () => ((random.next().value << 8) | random.next().value).toString(16);
const groups = (count: number) => Array.from({ length: count }, group).join(':');

const addresses = [
  ...[
    '0',
    '10',
    '100.64',
    '100.100',
    '127',
    '169.254',
    '172.16',
    '172.31',
    '192.0.0',
    '192.0.2',
    '192.88.99',
  ],
  ...['192.168', '198.18', '198.19', '198.51.100', '203.0.113', '224', '239', '240', '255.255'],
]
  .flatMap((start) => Array.from({ length: 4 }, () => start.split('.')))
  .map((start) =>
    [...start, ...Array.from({ length: 4 - start.length }, () => random.next().value)].join('.'),
  );
const sixes = [
  ...[
    '::',
    '::ffff:',
    '64:ff9b::',
    '64:ff9b:1::',
    '2002:7f00:1::',
    '2002:a00:1::',
    '2001::',
    '2001:0:7f00:1::',
  ],
  ...['2001:10::', '2001:20::', '2001:db8::', '3fff::', '3fff:fff::', '5f00::', '100::', 'fc00::', 'fd00::'],
  ...['fe80::', 'febf::', 'fec0::', 'ff02::', '4000::', '8000::', 'e000::', '1000::'],
].flatMap((start) => Array.from({ length: 4 }, () => `${start}${groups(2)}`));
const urls = [...addresses, ...sixes.map((address) => `[${address}]`)].map(
  (host) => `http://${host}/cat.png`,
);

test('everything that we would not connect to is refused', { timeout: 120_000 }, async () => {
  const forbidden = urls.filter((url) => egress.refusalOf(new URL(url)) !== null);
  expect(forbidden.length).toBeGreaterThan(150);
  const passed: string[] = [];
  for (const url of forbidden) {
    const { status, json } = await stack.ask(team, 'POST', '/v1/videos', {
      json: { prompt: 'a cat', model: 'sora-2', input_reference: { image_url: url } },
    });
    if (status !== 400 || json.error.code !== 'invalid_image_url') passed.push(url);
  }
  expect(passed).toEqual([]);
});

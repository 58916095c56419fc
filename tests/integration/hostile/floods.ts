/** Rows 23, 24, 28: bodies without an end. */
import { connect } from 'node:net';
import { expect } from 'vitest';
import { bearer, type HostileCase, head } from './hostile-case.ts';
import type { World } from './world.ts';

const kilobytes64 = Buffer.alloc(65_536, 0x20);
const chunk = Buffer.concat([Buffer.from('10000\r\n'), kilobytes64, Buffer.from('\r\n')]);
const chunked = (world: World, type: string) =>
  head(
    'POST /v1/videos HTTP/1.1',
    'Host: x',
    bearer(world),
    `Content-Type: ${type}`,
    'Transfer-Encoding: chunked',
  );
const asChunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
const FORM = 'multipart/form-data; boundary=B';
const partHead = (disposition: string) =>
  asChunk(`--B\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n`);

const FLOODS: [
  row: number,
  name: string,
  start: (world: World) => string,
  piece: Buffer,
  statuses: readonly number[],
][] = [
  [
    23,
    'JSON without a length and without an end',
    (world) => chunked(world, 'application/json'),
    chunk,
    [413],
  ],
  [
    23,
    'JSON that says that it is 1 GB',
    (world) =>
      head(
        'POST /v1/videos HTTP/1.1',
        'Host: x',
        bearer(world),
        'Content-Type: application/json',
        'Content-Length: 1000000000',
      ),
    kilobytes64,
    [413],
  ],
  [
    24,
    'an endless form field',
    (world) => chunked(world, FORM) + partHead('name="prompt"'),
    chunk,
    [400, 413],
  ],
  [24, 'an endless preamble', (world) => chunked(world, FORM), chunk, [400, 413]],
  [
    28,
    'an endless file',
    (world) => chunked(world, FORM) + partHead('name="input_reference"; filename="a.png"'),
    chunk,
    [400, 413],
  ],
];

/** Sends without end, as fast as it is taken, until the server closes. */
async function flood(port: number, start: string, piece: Buffer, maxBytes: number) {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  let sentBytes = 0;
  socket.on('data', (data) => {
    text += data.toString('latin1');
  });
  socket.on('error', () => {});
  await new Promise<void>((resolve) => {
    socket.on('close', () => resolve());
    socket.write(start);
    const push = () => {
      while (!socket.destroyed && sentBytes < maxBytes) {
        sentBytes += piece.length;
        if (!socket.write(piece)) return void socket.once('drain', push);
      }
      socket.end();
    };
    push();
  });
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), sentBytes };
}

export const floods: readonly HostileCase[] = [
  ...FLOODS.map(
    ([row, name, start, piece, statuses]): HostileCase => ({
      row,
      name: `${name}: refused early, memory flat`,
      async run(world) {
        const once = async () => {
          const answer = await flood(world.stack.gateway.port, start(world), piece, 1_000_000_000);
          expect(statuses).toContain(answer.status);
          expect(answer.sentBytes).toBeLessThan(100_000_000);
        };
        // A heap grows with the first, and what is not collected yet counts too: what is kept of each shows from the second on.
        await once();
        const before = await world.memoryBytes();
        for (let n = 0; n < 5; n++) await once();
        expect((await world.memoryBytes()) - before).toBeLessThan(96 * 1024 * 1024);
      },
    }),
  ),
  {
    row: 23,
    name: 'a client that leaves in the middle of its body',
    async run(world) {
      const socket = connect(world.stack.gateway.port, '127.0.0.1');
      const lines = ['Host: x', bearer(world), 'Content-Type: application/json', 'Content-Length: 1000'];
      socket.write(`${head('POST /v1/videos HTTP/1.1', ...lines)}{"prompt":"${world.canary}`, () =>
        socket.resetAndDestroy(),
      );
      await new Promise((resolve) => socket.on('close', resolve));
    },
  },
];

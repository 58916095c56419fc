/** Rows 38 to 41, 61, 62, 66: what is downloaded, and what nobody may. */
import { readdir, readlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { expect, vi } from 'vitest';
import { bearer, type HostileCase, head, refused } from './hostile-case.ts';
import { ended, type World } from './world.ts';

const contentOf = ({ videoId }: World) => `/v1/videos/${videoId}/content`;

/** The pieces of a request's answer, and its length alone where the content is large. */
const WHOLE: [name: string, range: string][] = [
  ['2,000 ranges', `bytes=${Array.from({ length: 2_000 }, () => '0-').join(',')}`],
  ['overlapping ranges', 'bytes=0-100,50-150'],
  ['the same range twice', 'bytes=0-0,0-0'],
  ['one range and nonsense', 'bytes=0-0,x'],
];

const state = async ({ stack }: World, id: string, value: string) =>
  stack.database.db.$client.query('update videos set state = $2, next_action_at = null where id = $1', [
    id,
    value,
  ]);

export const content: readonly HostileCase[] = [
  ...WHOLE.map(
    ([name, range]): HostileCase => ({
      row: 38,
      name: `${name}: the whole, once`,
      async run(world) {
        const answer = await world.ask('GET', contentOf(world), { headers: { range } });
        expect(answer.status).toBe(200);
        expect(answer.bytes.equals(world.film)).toBe(true);
      },
    }),
  ),
  {
    row: 38,
    name: 'two Range headers are not read as one of them',
    async run(world) {
      const lines = ['Host: x', bearer(world), 'Connection: close', 'Range: bytes=0-0', 'Range: bytes=5-9'];
      const { status } = await world.raw(head(`HEAD ${contentOf(world)} HTTP/1.1`, ...lines));
      expect(status).toBe(200);
    },
  },
  refused(
    38,
    'a range behind the end',
    (world) => ['GET', contentOf(world), { headers: { range: 'bytes=99999999999-' } }],
    { status: 416 },
  ),
  ...[
    '',
    '../../x',
    '../../etc/passwd%00',
    'VIDEO',
    'toString',
    '__proto__',
    'video%00',
    'video&variant=video',
    'video&variant=thumbnail',
  ].map((variant) =>
    refused(39, `variant=${variant}`, (world) => ['GET', `${contentOf(world)}?variant=${variant}`], {
      status: 400,
      param: 'variant',
    }),
  ),
  {
    row: 39,
    name: 'HEAD and conditions of what is not there',
    async run({ ask }) {
      const path = `/v1/videos/video_${'0'.repeat(32)}/content`;
      expect((await ask('HEAD', path)).status).toBe(404);
      expect((await ask('GET', path, { headers: { 'if-none-match': '*' } })).status).toBe(404);
      expect((await ask('GET', path, { headers: { range: 'bytes=0-0' } })).status).toBe(404);
    },
  },
  {
    row: 40,
    name: 'content of a video that is not ready, failed or lost: 404, never an empty 200',
    makes: 3,
    async run(world) {
      const { ask, post, canary, stack, team } = world;
      const content = async (id: string) => {
        const { status, json } = await ask('GET', `/v1/videos/${id}/content`);
        return [status, json?.error.code];
      };
      const stuck = (await post('/v1/videos', { prompt: `${canary} [[sim stuck]]` })).json.id;
      expect(await content(stuck)).toEqual([404, 'video_not_ready']);
      const failed = (
        await post('/v1/videos', { prompt: `${canary} [[sim fail=moderation_blocked charge_failed=true]]` })
      ).json.id;
      expect(await ended(stack, team, failed)).toBe('failed');
      expect((await ask('GET', `/v1/videos/${failed}`)).json.error.code).toBe('moderation_blocked');
      expect(await content(failed)).toEqual([404, 'video_failed']);
      const lost = (await post('/v1/videos', { prompt: `${canary} [[sim stuck]]` })).json.id;
      await state(world, lost, 'archiving');
      expect(await content(lost)).toEqual([404, 'video_not_ready']);
      await state(world, lost, 'content_lost');
      expect(await content(lost)).toEqual([404, 'video_expired']);
    },
  },
  {
    row: 41,
    name: 'clients that leave in the middle of a download leave nothing open',
    async run(world) {
      const { stack } = world;
      const openFiles = async () => {
        const directory = `/proc/${stack.gateway.process.pid}/fd`;
        const targets = await Promise.all(
          (await readdir(directory)).map((fd) => readlink(`${directory}/${fd}`).catch(() => '')),
        );
        return targets.filter((target) => target.startsWith(stack.objectsDirectory)).length;
      };
      const brokenOff = () => stack.gateway.lines.filter(({ outcome }) => outcome === 'broken_off').length;
      const before = brokenOff();
      for (let i = 0; i < 20; i++) {
        await new Promise<void>((resolve) => {
          const socket = connect(stack.gateway.port, '127.0.0.1');
          socket.once('data', () => socket.destroy());
          socket.once('close', () => resolve());
          socket.write(head(`GET ${contentOf(world)} HTTP/1.1`, 'Host: x', bearer(world)));
        });
      }
      await vi.waitUntil(async () => (await openFiles()) === 0, { timeout: 5_000, interval: 50 });
      await vi.waitUntil(() => brokenOff() - before === 20, { timeout: 5_000, interval: 50 });
    },
  },
  {
    row: 61,
    name: 'what is downloaded is a file with its type, not a page',
    async run(world) {
      for (const variant of ['video', 'thumbnail', 'spritesheet']) {
        const { headers } = await world.ask('HEAD', `${contentOf(world)}?variant=${variant}`, {
          headers: { accept: 'text/html' },
        });
        expect(headers).toMatchObject({
          'content-type': expect.stringMatching(/^(video\/mp4|image\/(webp|jpeg|png))$/),
          'content-disposition': expect.stringMatching(/^attachment; filename="video_[\w.]+"$/),
          'x-content-type-options': 'nosniff',
        });
      }
    },
  },
  {
    row: 61,
    name: 'the page that we serve cannot be framed and runs nothing from elsewhere',
    async run({ ask }) {
      const policy = String((await ask('GET', '/docs')).headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|https?:|\*/);
    },
  },
  {
    row: 62,
    name: 'links into the store: off unless configured, and none without a signature',
    async run(world) {
      const answer = await world.ask('GET', contentOf(world), { headers: { range: 'bytes=0-0' } });
      expect([answer.status, answer.headers.location]).toEqual([206, undefined]);
      const { rows } = await world.stack.database.db.$client.query(
        'select object_key from assets where video_id = $1',
        [world.videoId],
      );
      const key = rows[0].object_key as string;
      for (const path of [
        key,
        `${key}?expires=9999999999&type=video/mp4&name=a&signature=`,
        `${key}?signature=${'0'.repeat(64)}`,
        'etc/passwd',
      ]) {
        expect(await world.ask('GET', `/objects/${path}`)).toMatchObject({
          status: 404,
          json: { error: { code: 'link_not_valid' } },
        });
      }
    },
  },
  {
    row: 66,
    name: 'paths where other servers keep secrets',
    async run({ stack, team }) {
      const paths = [
        '/metrics',
        '/.env',
        '/.git/config',
        '/debug',
        '/debug/pprof/',
        '/server-status',
        '/src/main.ts',
        '/main.js.map',
        '/package.json',
        '/health',
        '/actuator/env',
        '/admin',
        '/admin/keys',
        '/v1/admin/keys',
      ];
      for (const path of paths) {
        const { status, text } = await stack.ask(team, 'GET', path);
        expect([path, status]).toEqual([path, 404]);
        expect(text.length).toBeLessThan(300);
      }
      expect((await stack.ask(null, 'GET', '/health/live')).json).toEqual({ ok: true, failing: [] });
      expect((await stack.ask(null, 'GET', '/health/ready')).json).toEqual({ ok: true, failing: [] });
    },
  },
  {
    row: 66,
    name: 'a fault of ours: a fixed text, the id of the request, and nothing of the inside',
    makes: 1,
    async run({ stack, ask, post, team, canary }) {
      const { id } = (await post('/v1/videos', { prompt: canary })).json;
      await ended(stack, team, id);
      await stack.database.db.$client.query(
        `update assets set object_key = 'gone' where video_id = $1 and variant = 'video'`,
        [id],
      );
      const { status, headers, json } = await ask('GET', `/v1/videos/${id}/content`);
      expect(status).toBe(500);
      expect(json.error).toEqual({
        message: `The server had an error while processing your request. If it persists, tell an administrator of Reelgate the request id ${headers['x-request-id']}.`,
        type: 'server_error',
        param: null,
        code: null,
      });
    },
  },
];

/** Rows 37, 51, 53, 70: parameters of a list, and texts that are more than they seem. */
import { expect } from 'vitest';
import { type HostileCase, refused } from './hostile-case.ts';

const LISTS = [
  'limit=-1',
  'limit=101',
  'limit=1e9',
  'limit=a',
  'limit=',
  'limit=1.0',
  'limit=0x10',
  'limit=%2b1',
  'limit=1&limit=2',
  'order=;drop',
  'order=ASC',
  'order=',
  'order=asc&order=desc',
  'after=x',
  'after=',
  'after=video_%00',
  `after=video_${'0'.repeat(32)}`,
  "after=video_' or 1=1 --",
  'status=toString',
  'operation=drop',
  'model=%00',
];

const ELSEWHERE = [
  '/v1/events?after=%00',
  '/v1/webhook_endpoints?after=%00',
  '/v1/usage?group_by=tag&tag_key=%00',
];

const TIMES = ['-1', '1e3', '99999999999999', 'NaN', '253402300800', '2038-01-19', '%00', "1' or '1'='1", ''];

export const queries: readonly HostileCase[] = [
  ...ELSEWHERE.map((path) => refused(37, path, ['GET', path], { status: 400 })),
  ...LISTS.map((query) => refused(37, `list with ${query}`, ['GET', `/v1/videos?${query}`], { status: 400 })),

  {
    row: 51,
    name: 'SQL in every parameter of a list: refused, or nothing is found',
    async run({ ask }) {
      const injections = [
        `' or '1'='1`,
        `1;drop table videos`,
        `') union select secret from api_keys --`,
        `%`,
        `_`,
        `\\`,
        `$1`,
        `{"$ne":1}`,
      ];
      for (const words of injections.map(encodeURIComponent)) {
        for (const query of [`model=${words}`, `metadata[${words}]=x`, `metadata[a]=${words}`]) {
          const answer = await ask('GET', `/v1/videos?${query}`);
          expect([query, answer.status === 400 || answer.json.data.length === 0]).toEqual([query, true]);
        }
        for (const name of ['limit', 'order', 'after', 'status', 'operation', 'created_after']) {
          expect([words, name, (await ask('GET', `/v1/videos?${name}=${words}`)).status]).toEqual([
            words,
            name,
            400,
          ]);
        }
      }
    },
  },
  {
    row: 53,
    name: 'texts that make a careless pattern slow',
    async run(world) {
      const long = 'a'.repeat(8_000);
      const requests: [string, string, Record<string, string>][] = [
        ['GET', `/v1/videos/video_${long}`, {}],
        ['GET', `/${'a/'.repeat(3_500)}%`, {}],
        ['GET', `/v1/videos?limit=${'1'.repeat(8_000)}x`, {}],
        ['GET', '/v1/videos', { authorization: `bearer ${' '.repeat(8_000)}` }],
        ['GET', '/v1/videos', { 'x-request-id': `${'a-'.repeat(4_000)}!` }],
        [
          'GET',
          `/v1/videos/${world.videoId}/content?variant=thumbnail`,
          { range: `bytes=${'0'.repeat(8_000)}-x` },
        ],
        [
          'GET',
          `/v1/videos/${world.videoId}/content?variant=thumbnail`,
          { range: `bytes=${' '.repeat(8_000)}-x` },
        ],
        [
          'GET',
          `/v1/videos/${world.videoId}/content?variant=thumbnail`,
          { 'if-none-match': `${'W/'.repeat(4_000)}"` },
        ],
        ['POST', '/v1/videos', { 'content-type': `multipart/form-data; boundary="${' '.repeat(8_000)}` }],
        ['POST', '/v1/videos', { 'content-type': `application/json;${' a=b;'.repeat(1_600)}=` }],
        ['POST', '/v1/videos', { 'content-type': `application/json; charset="${'\\"'.repeat(4_000)}` }],
        ['GET', `/v1/videos/${world.videoId}`, { prefer: `wait=${' '.repeat(8_000)}x` }],
      ];
      for (const [method, path, headers] of requests) {
        const askedAt = performance.now();
        const { status } = await world.ask(method, path, {
          headers,
          ...(method === 'POST' && { body: '{}' }),
        });
        expect(status).toBeLessThan(500);
        expect([path.slice(0, 40), performance.now() - askedAt < 500]).toEqual([path.slice(0, 40), true]);
      }
    },
  },
  ...TIMES.map((time) =>
    refused(70, `created_after=${time}`, ['GET', `/v1/videos?created_after=${time}`], {
      status: 400,
      param: 'created_after',
    }),
  ),
  {
    row: 70,
    name: 'times of the years 1970, 2038 and 9999',
    async run({ ask }) {
      for (const time of ['0', '2147483648', '253402300799']) {
        const answer = await ask('GET', `/v1/videos?created_before=${time}&created_after=${time}`);
        expect([time, answer.status, answer.json.data]).toEqual([time, 200, []]);
      }
    },
  },
];

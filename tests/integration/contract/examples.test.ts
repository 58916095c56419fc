/** The command beside each operation is run as it stands, and must be that operation. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { API_OPERATIONS, type ApiOperation } from '@reelgate/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createContractChecker } from '../../contract-checker/contract-checker.ts';
import { type Answer, startDescribedGateway } from './described-gateway.ts';

const run = promisify(execFile);
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'reelgate-examples-'));
  await writeFile(join(directory, 'clip.mp4'), 'the bytes of a clip');
  await writeFile(join(directory, 'frame.png'), 'the bytes of a picture');
});
afterAll(() => rm(directory, { recursive: true }));

/** What the document itself gives as an example of the answer. */
function describedAnswer({ answer }: ApiOperation): Answer {
  const headers = { 'x-request-id': 'req_1' };
  if ('files' in answer) {
    const [type = ''] = answer.files;
    const file = { 'content-type': type, etag: '"1"', 'accept-ranges': 'bytes' };
    return { status: 200, headers: { ...headers, ...file }, body: 'the bytes of a video' };
  }
  if ('events' in answer) {
    return {
      status: 200,
      headers: { ...headers, 'content-type': 'text/event-stream' },
      body: 'id: evt_1\n\n',
    };
  }
  const { examples = [] } = (answer.json.meta() ?? {}) as { examples?: unknown[] };
  return {
    status: 200,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(examples[0]),
  };
}

test.each(API_OPERATIONS.map((operation) => [operation.operationId, operation] as const))(
  '%s',
  async (_, operation) => {
    const answer = describedAnswer(operation);
    const gateway = await startDescribedGateway(() => answer);
    try {
      const { stdout } = await run('bash', ['-euc', operation.example], {
        cwd: directory,
        env: {
          PATH: process.env.PATH,
          REELGATE_URL: gateway.url,
          REELGATE_API_KEY: 'rg_live_example',
          VIDEO_ID: 'video_8f2c41d09a7b4e63b5d1c0a9e8f76543',
          CHARACTER_ID: 'char_3b9d2f7c1e0a4856a7c4d5e6f7081923',
          QUOTA_ID: 'quota_7c2b7a9e8f4163a7b2c3d4e5f6071819',
          FILE_ID: 'file-6c1f0a9be8d74325a1b2c3d4e5f60718',
          MODEL: 'sora-2',
          WEBHOOK_ENDPOINT_ID: 'whe_2a7c9e4f1b8d4036a5e2c7f9b1d30846',
          EVENT_ID: 'evt_5d0c2b7a9e8f4163a7b2c3d4e5f60718',
          DELIVERY_ID: 'dlv_9c1f3b5d7e2a4860b4d6f8a1c3e50729',
        },
      });
      if ('json' in operation.answer) expect(stdout).toBe(answer.body);
      expect(gateway.asked).toHaveLength(1);
      const [asked] = gateway.asked;
      if (!asked) throw new Error('curl asked nothing');
      expect(asked.method).toBe(operation.method.toUpperCase());
      expect(asked.headers.get('authorization')).toBe('Bearer rg_live_example');
      const path = new URL(asked.url).pathname;
      expect(path).toMatch(new RegExp(`^/v1${operation.path.replaceAll(/\{\w+\}/g, '[\\w-]+')}$`));

      const checker = await createContractChecker({
        yamlPath: new URL('openai-videos.openapi.yaml', import.meta.url),
        openapiUrl: `${gateway.url}/openapi.json`,
      });
      const type = asked.headers.get('content-type') ?? '';
      const requestBody = type.startsWith('multipart/form-data')
        ? await new Response(new Uint8Array(asked.body), { headers: { 'content-type': type } }).formData()
        : asked.body.toString();
      // A body is described exactly where the example sends one.
      expect(asked.body.length > 0).toBe(operation.body !== undefined);
      checker.check({
        method: asked.method,
        url: asked.url,
        requestHeaders: asked.headers,
        ...(asked.body.length > 0 && { requestBody }),
        status: answer.status,
        headers: new Headers(answer.headers),
        ...('json' in operation.answer && { responseBody: JSON.parse(answer.body) }),
      });
    } finally {
      gateway.close();
    }
  },
);

test('each operation has a command of its own', () => {
  expect(API_OPERATIONS).toHaveLength(39);
  expect(new Set(API_OPERATIONS.map(({ example }) => example)).size).toBe(API_OPERATIONS.length);
  expect(new Set(API_OPERATIONS.map(({ operationId }) => operationId)).size).toBe(API_OPERATIONS.length);
});

import { beforeAll, describe, expect, test } from 'vitest';
import { clientOf, connection, home, untilCompleted } from './shared-stack.ts';
import { reelgate } from './stack.ts';

/** Every route that names a video. */
const routes: { name: string; request: (id: string) => [path: string, init?: RequestInit] }[] = [
  { name: 'retrieve', request: (id) => [`/videos/${id}`] },
  { name: 'content', request: (id) => [`/videos/${id}/content`] },
  { name: 'thumbnail', request: (id) => [`/videos/${id}/content?variant=thumbnail`] },
  { name: 'spritesheet', request: (id) => [`/videos/${id}/content?variant=spritesheet`] },
  { name: 'delete', request: (id) => [`/videos/${id}`, { method: 'DELETE' }] },
  { name: 'remix', request: (id) => [`/videos/${id}/remix`, post({ prompt: 'At night' })] },
];

function post(body: unknown): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

describe("another team's video", () => {
  let owned: string;
  let stranger: { baseURL: string; apiKey: string };

  beforeAll(async () => {
    const stack = await connection();
    const client = clientOf(stack);
    owned = (await client.videos.create({ model: 'sora-2', prompt: 'Nobody else may see this' })).id;
    await untilCompleted(client, owned);
    await reelgate(home, 'team', 'create', 'strangers');
    const { secret = '' } = await reelgate(home, 'key', 'create', '--team', 'strangers');
    stranger = { baseURL: stack.baseURL, apiKey: secret };
  });

  test('the other team can sign in, and its list is empty', async () => {
    expect((await clientOf(stranger).videos.list()).data).toEqual([]);
  });

  test.each(routes)('$name answers as for an id that never existed', async ({ request }) => {
    const never = `video_${'0'.repeat(owned.length - 'video_'.length)}`;
    const [theirs, nothing] = await Promise.all([ask(request(owned)), ask(request(never))]);
    expect(nothing.status).toBe(404);
    expect(theirs.status).toBe(404);
    expect(theirs.body.replaceAll(owned, 'the id')).toBe(nothing.body.replaceAll(never, 'the id'));
    expect(theirs.headerNames).toEqual(nothing.headerNames);
  });

  test('afterwards its owner still has it', async () => {
    const client = clientOf(await connection());
    expect((await client.videos.retrieve(owned)).status).toBe('completed');
    expect((await client.videos.downloadContent(owned)).status).toBe(200);
  });

  async function ask([path, init = {}]: [string, RequestInit?]) {
    const response = await fetch(`${stranger.baseURL}${path}`, {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${stranger.apiKey}` },
    });
    return {
      status: response.status,
      body: await response.text(),
      headerNames: [...response.headers.keys()].toSorted(),
    };
  }
});

test('a key that does not exist is refused', async () => {
  const { baseURL, apiKey } = await connection();
  for (const wrong of ['sk-anything', `${apiKey.slice(0, -1)}${apiKey.endsWith('0') ? '1' : '0'}`]) {
    await expect(clientOf({ baseURL, apiKey: wrong }).videos.list()).rejects.toMatchObject({ status: 401 });
  }
});

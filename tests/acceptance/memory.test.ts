import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { clientOf, connection, untilCompleted, upstreamIdOf } from './shared-stack.ts';

const contentBytes = 200_000_000;
const allowedBytes = 64 * 2 ** 20;

/** Of a process: what it holds in memory now. */
async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** Looks at the processes again and again until stopped; answers by how much each grew at most. */
async function watchGrowth(pids: Record<string, number>) {
  const names = Object.keys(pids);
  const read = () => Promise.all(names.map((name) => residentBytes(pids[name] as number)));
  const before = await read();
  const most = [...before];
  const timer = setInterval(async () => {
    for (const [index, bytes] of (await read()).entries())
      most[index] = Math.max(most[index] as number, bytes);
  }, 20);
  return () => {
    clearInterval(timer);
    return Object.fromEntries(
      names.map((name, index) => [name, (most[index] as number) - (before[index] as number)]),
    );
  };
}

describe.skipIf(process.platform !== 'linux')('memory (read from /proc, which only Linux has)', () => {
  test('200 MB go through the worker and the gateway without being held', async () => {
    const stack = await connection();
    const client = clientOf(stack);
    const render = async (prompt: string) => {
      const { id } = await client.videos.create({ model: 'sora-2', prompt, seconds: '4' });
      await untilCompleted(client, id);
      return id;
    };
    const download = async (id: string) => {
      const response = await client.videos.downloadContent(id);
      const hash = createHash('sha256');
      let bytes = 0;
      for await (const chunk of response.body ?? []) {
        hash.update(chunk);
        bytes += chunk.length;
      }
      return { bytes, sha256: hash.digest('hex') };
    };
    // Code paths that have never run load and compile first; that is not what is measured.
    await download(await render('A short one to warm up [[sim content_bytes=20000000]]'));

    const { gateway = 0, worker = 0 } = stack.pids;
    const growth = await watchGrowth({ gateway, worker });
    const id = await render(`A long film [[sim content_bytes=${contentBytes}]]`);
    const downloaded = await download(id);
    const grown = growth();

    const truth = await fetch(`${stack.simulatorControlURL}/truth/${await upstreamIdOf(id)}`);
    const { content } = (await truth.json()) as { content: { video: unknown } };
    expect(downloaded).toEqual(content.video);
    expect(downloaded.bytes).toBe(contentBytes);
    expect(grown.worker).toBeLessThan(allowedBytes);
    expect(grown.gateway).toBeLessThan(allowedBytes);
  });
});

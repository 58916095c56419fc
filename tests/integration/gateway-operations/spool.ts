import { mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import type { Stack } from '../gateway/gateway-process.ts';

export const IMAGE_MAX = 1024 * 1024;
export const VIDEO_MAX = 8 * 1024 * 1024;

/** A spool directory with what a dead process left in it, and with something that is none of the gateway's business. */
export async function makeSpool(): Promise<string> {
  const spool = await mkdtemp(join(tmpdir(), 'reelgate-spool-test-'));
  await writeFile(join(spool, 'reelgate-upload-of-the-dead'), 'left over');
  await writeFile(join(spool, 'not-ours'), 'left alone');
  return spool;
}

export function environmentFor(spool: string): Record<string, string> {
  return {
    SPOOL_DIRECTORY: spool,
    IMAGE_MAX_BYTES: String(IMAGE_MAX),
    VIDEO_MAX_BYTES: String(VIDEO_MAX),
  };
}

export async function removeSpool(spool: string): Promise<void> {
  await rm(spool, { recursive: true, force: true });
}

/** What the gateway has open, as far as it is a file: connections come and go. */
export async function openFiles(stack: Stack): Promise<string[]> {
  const directory = `/proc/${stack.gateway.process.pid}/fd`;
  const links = await Promise.all(
    (await readdir(directory)).map((fd) => readlink(join(directory, fd)).catch(() => '')),
  );
  return links.filter((link) => link.startsWith('/')).sort();
}

/** Of those, uploads; they have no names any more. */
export async function openUploads(stack: Stack, spool: string): Promise<number> {
  return (await openFiles(stack)).filter((link) => link.startsWith(spool)).length;
}

export async function expectNothingLeft(stack: Stack, spool: string): Promise<void> {
  await vi.waitFor(async () => {
    expect(await openUploads(stack, spool)).toBe(0);
    expect(await readdir(spool)).toEqual(['not-ours']);
  }, 10_000);
}

export async function countVideos(stack: Stack, teamId: string): Promise<number> {
  const { rows } = await stack.database.db.$client.query(
    'select count(*)::int from videos where team_id = $1',
    [teamId],
  );
  return rows[0].count;
}

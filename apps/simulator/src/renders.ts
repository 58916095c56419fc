import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withoutDirectives } from './behaviour.ts';
import { renderMp4 } from './media/mp4.ts';
import type { SceneSpec } from './media/scene.ts';
import { renderSpritesheet, renderThumbnail } from './media/stills.ts';
import type { Video } from './videos-store.ts';

export const VARIANTS = ['video', 'thumbnail', 'spritesheet'] as const;
export type Variant = (typeof VARIANTS)[number];

export interface Rendered {
  readonly path: string;
  readonly contentType: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Renders what is asked for, once, onto the disk. Old files make room for new ones: the same bytes come back. */
export interface Renders {
  get(video: Video, variant: Variant): Promise<Rendered>;
  /** What is known of a file that was rendered at some time. */
  known(video: Video, variant: Variant): Rendered | undefined;
  remove(video: Video): Promise<void>;
  clear(): Promise<void>;
  /** Removes the directory too, if it was made here. */
  close(): Promise<void>;
}

const CONTENT_TYPES = { video: 'video/mp4', thumbnail: 'image/webp', spritesheet: 'image/jpeg' } as const;
const RENDERERS = { video: renderMp4, thumbnail: renderThumbnail, spritesheet: renderSpritesheet } as const;
const DISK_BYTES = 2 * 1024 ** 3;

export function createRenders(
  givenDirectory: string | undefined,
  {
    diskBytes = DISK_BYTES,
    sameStills = false,
  }: { diskBytes?: number; sameStills?: boolean | undefined } = {},
): Renders {
  const nameOf = (video: Video, variant: Variant) =>
    sameStills && variant !== 'video'
      ? `still-${video.size}-${video.seconds}.${CONTENT_TYPES[variant].split('/')[1]}`
      : ownNameOf(video, variant);
  const known = new Map<string, Rendered>();
  const pending = new Map<string, Promise<Rendered>>();
  /** Names of the files on disk, oldest first, and their sizes. */
  const onDisk = new Map<string, number>();
  let usedBytes = 0;
  let directory: Promise<string> | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  const openDirectory = async () => {
    if (givenDirectory === undefined) return await mkdtemp(join(tmpdir(), 'simulator-'));
    await mkdir(givenDirectory, { recursive: true });
    return givenDirectory;
  };

  async function removeFile(name: string): Promise<void> {
    const bytes = onDisk.get(name);
    if (bytes === undefined || directory === undefined) return;
    onDisk.delete(name);
    usedBytes -= bytes;
    await rm(join(await directory, name), { force: true });
  }

  async function render(name: string, video: Video, variant: Variant): Promise<Rendered> {
    directory ??= openDirectory();
    const data = await RENDERERS[variant](sceneOf(video));
    const path = join(await directory, name);
    await writeFile(path, data);
    const sha256 = createHash('sha256').update(data).digest('hex');
    const rendered = { path, contentType: CONTENT_TYPES[variant], bytes: data.length, sha256 };
    known.set(name, rendered);
    onDisk.set(name, data.length);
    usedBytes += data.length;
    for (const [oldest] of onDisk) {
      if (usedBytes <= diskBytes || oldest === name) break;
      await removeFile(oldest);
    }
    return rendered;
  }

  async function clear(): Promise<void> {
    await queue;
    for (const name of [...onDisk.keys()]) await removeFile(name);
    known.clear();
  }

  return {
    get(video, variant) {
      const name = nameOf(video, variant);
      const done = onDisk.has(name) ? known.get(name) : undefined;
      if (done) return Promise.resolve(done);
      const running = pending.get(name);
      if (running) return running;
      // One at a time: rendering is bound by the processor.
      const job = queue.then(() => render(name, video, variant)).finally(() => pending.delete(name));
      queue = job.catch(() => undefined);
      pending.set(name, job);
      return job;
    },
    known: (video, variant) => known.get(nameOf(video, variant)),
    async remove(video) {
      for (const variant of VARIANTS) await removeFile(ownNameOf(video, variant));
    },
    clear,
    async close() {
      await clear();
      if (givenDirectory === undefined && directory)
        await rm(await directory, { recursive: true, force: true });
      directory = undefined;
    },
  };
}

function ownNameOf(video: Video, variant: Variant): string {
  return `${video.id}.${CONTENT_TYPES[variant].split('/')[1]}`;
}

function sceneOf(video: Video): SceneSpec {
  const { id, prompt, model, size, seconds, seed } = video;
  const [width = 0, height = 0] = size.split('x').map(Number);
  const footer = [`${model} ${size} ${seconds}s`, id.slice(-12), ...lineageOf(video)];
  return { width, height, seconds: Number(seconds), text: withoutDirectives(prompt), footer, seed };
}

/** From what a video was made, in a line that fits beside the clock of the narrowest film. */
export function lineageOf({ operation, sourceId, billedSeconds }: Video): string[] {
  if (operation === 'create') return [];
  const added = operation === 'extend' ? ` +${billedSeconds}s` : '';
  return [`${operation} of ${sourceId?.slice(-6) ?? 'upload'}${added}`];
}

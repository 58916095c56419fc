import { createHash } from 'node:crypto';
import { startSimulator } from '@reelgate/testkit';
import OpenAI from 'openai';
import { eachOf } from './each-of.ts';

/** What a film shows. Many videos share one. */
export interface Film {
  readonly subject: string;
  readonly seconds: number;
  /** Higher than wide. */
  readonly upright: boolean;
}

/** One file of a film. */
export interface FilmFile extends Film {
  readonly variant: 'video' | 'thumbnail' | 'spritesheet';
  readonly ending: string;
  readonly contentType: string;
  readonly origin: 'upstream' | 'derived';
  readonly data: Uint8Array;
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
}

const VARIANTS = [
  { variant: 'video', ending: 'mp4', contentType: 'video/mp4', origin: 'upstream' },
  { variant: 'thumbnail', ending: 'webp', contentType: 'image/webp', origin: 'upstream' },
  { variant: 'spritesheet', ending: 'jpg', contentType: 'image/jpeg', origin: 'derived' },
] as const;

/** Has the simulator render each film. Stills do not tell how long a film is, so films of one subject share them. */
export async function renderFilms(films: readonly Film[]): Promise<FilmFile[]> {
  if (films.length === 0) return [];
  const simulator = await startSimulator({ SIMULATOR_RENDER_MS: '1' });
  try {
    const client = new OpenAI({ baseURL: simulator.baseUrl, apiKey: 'demo' });
    const files: FilmFile[] = [];
    const stills = new Map<string, Promise<Uint8Array>>();
    await eachOf(films, async (film) => {
      const { id } = await client.videos.create({
        model: 'sora-2',
        prompt: film.subject,
        seconds: `${film.seconds}` as '4',
        size: film.upright ? '720x1280' : '1280x720',
      });
      while ((await client.videos.retrieve(id)).status !== 'completed');
      for (const what of VARIANTS) {
        const download = async () =>
          new Uint8Array(
            await (await client.videos.downloadContent(id, { variant: what.variant })).arrayBuffer(),
          );
        const name = `${film.subject} ${film.upright} ${what.variant}`;
        const data = what.variant === 'video' ? download() : (stills.get(name) ?? download());
        if (what.variant !== 'video') stills.set(name, data);
        files.push(fileOf(film, what, await data));
      }
    });
    return files;
  } finally {
    await simulator.close();
  }
}

function fileOf(film: Film, what: (typeof VARIANTS)[number], data: Uint8Array): FilmFile {
  const sha256 = createHash('sha256').update(data).digest('hex');
  return { ...film, ...what, data, bytes: data.length, sha256 };
}

import { createHash } from 'node:crypto';
import { renderMp4, renderSpritesheet, renderThumbnail } from '@reelgate/simulator/media';

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

const LONGER_EDGE = { video: 640, still: 1280 };

/** Renders each film, its still and its spritesheet. Stills do not tell the length of a film, so films of all lengths share them. */
export async function renderFilms(films: readonly Film[]): Promise<FilmFile[]> {
  const files: FilmFile[] = [];
  const stills = new Map<string, Pick<FilmFile, 'data' | 'sha256'>>();
  for (const film of films) {
    const shared = async (variant: string, render: () => Promise<Uint8Array>) => {
      const name = `${film.subject} ${film.upright} ${variant}`;
      const known = stills.get(name) ?? withHash(await render());
      stills.set(name, known);
      return known;
    };
    const still = sceneOf(film, LONGER_EDGE.still);
    const add = (
      what: Pick<FilmFile, 'variant' | 'ending' | 'contentType' | 'origin'>,
      file: Pick<FilmFile, 'data' | 'sha256'>,
    ) => files.push({ ...film, ...what, ...file, bytes: file.data.length });
    add(
      { variant: 'video', ending: 'mp4', contentType: 'video/mp4', origin: 'upstream' },
      withHash(await renderMp4(sceneOf(film, LONGER_EDGE.video))),
    );
    add(
      { variant: 'thumbnail', ending: 'webp', contentType: 'image/webp', origin: 'upstream' },
      await shared('thumbnail', () => renderThumbnail(still)),
    );
    add(
      { variant: 'spritesheet', ending: 'jpg', contentType: 'image/jpeg', origin: 'derived' },
      await shared('spritesheet', () => renderSpritesheet(still)),
    );
  }
  return files;
}

function withHash(data: Uint8Array): Pick<FilmFile, 'data' | 'sha256'> {
  return { data, sha256: createHash('sha256').update(data).digest('hex') };
}

function sceneOf({ subject, seconds, upright }: Film, longer: number) {
  const shorter = (longer * 9) / 16;
  return {
    ...(upright ? { width: shorter, height: longer } : { width: longer, height: shorter }),
    ...{ seconds, text: subject, footer: ['demonstration'], seed: subject },
  };
}

import { BufferSource, Input, MP4, QTFF } from 'mediabunny';

/** What an uploaded film tells of itself. */
export interface Film {
  readonly seconds: number;
  /** `<width>x<height>` in pixels, as shown. */
  readonly size: string;
}

/** Enough of a file to find the index: all of a small one, or the beginning of one whose index comes first. */
export const PROBED_BYTES = 32 * 1024 * 1024;

/** Reads length and size from the beginning of a file; undefined for what is no MP4 with a film in it. */
export async function probeFilm(beginning: Uint8Array): Promise<Film | undefined> {
  const input = new Input({ formats: [MP4, QTFF], source: new BufferSource(beginning) });
  try {
    const track = await input.getPrimaryVideoTrack();
    if (!track) return undefined;
    const seconds = await track.computeDuration();
    const size = `${await track.getDisplayWidth()}x${await track.getDisplayHeight()}`;
    return seconds > 0 ? { seconds, size } : undefined;
  } catch {
    return undefined;
  } finally {
    input.dispose();
  }
}

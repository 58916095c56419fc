import { expect, it } from 'vitest';
import { renderMp4 } from './mp4.ts';
import { probeFilm } from './probe.ts';

it('reads length and size of a film, from its beginning alone', async () => {
  const spec = { width: 1280, height: 720, seconds: 8, text: 'A boat', footer: [], seed: '' };
  const file = await renderMp4(spec);
  expect(await probeFilm(file)).toEqual({ seconds: 8, size: '1280x720' });
  expect(await probeFilm(file.subarray(0, file.length / 2))).toEqual({ seconds: 8, size: '1280x720' });
});

it.each(['Example data', '', '\0\0\0\x08ftyp', 'x'.repeat(100_000)])(
  'takes no other bytes for a film',
  async (text) => {
    expect(await probeFilm(Buffer.from(text))).toBeUndefined();
  },
);

import { expect, it } from 'vitest';
import { parseCreate } from './body.ts';
import { UploadedFile } from './form.ts';
import type { Film } from './media/probe.ts';
import { footageOf, footageOfFile, orderCreate, orderExtension, orderVariation } from './orders.ts';
import { createVideosStore } from './videos-store.ts';

const store = createVideosStore();
const source = () => {
  const fields = { prompt: 'A boat', model: 'sora-2-pro', seconds: '8', size: '1792x1024' };
  return store.add(orderCreate(parseCreate(fields)), {}, 0);
};
const upload = (film?: Film) =>
  new UploadedFile({ filename: 'x', contentType: 'x', bytes: 1, sha256: 'hash', film });

it('makes a variation as long and as large as its source, and charges all of it', () => {
  const video = source();
  for (const operation of ['remix', 'edit'] as const) {
    expect(orderVariation(operation, 'A ship', footageOf(video))).toMatchObject({
      ...{ operation, prompt: 'A ship', model: 'sora-2-pro', seconds: '8', size: '1792x1024' },
      ...{ sourceId: video.id, billedSeconds: 8 },
    });
  }
});

it('adds a segment to a video, and charges that', () => {
  const order = orderExtension('On and on', 12, footageOf(source()));
  expect(order).toMatchObject({ operation: 'extend', seconds: '20', billedSeconds: 12, extensions: 1 });
});

it('extends a video six times, and not once more', () => {
  let video = source();
  for (let turn = 1; turn <= 6; turn++) {
    video = store.add(orderExtension('x', 4, footageOf(video)), {}, 0);
    expect(video.extensions).toBe(turn);
  }
  expect(video.seconds).toBe('32');
  expect(() => orderExtension('x', 4, footageOf(video))).toThrow(/6 times/);
  const edited = store.add(orderVariation('edit', 'x', footageOf(video)), {}, 0);
  expect(orderExtension('x', 4, footageOf(edited)).extensions).toBe(1);
});

it('makes nothing longer than two minutes', () => {
  let video = source();
  for (let turn = 0; turn < 5; turn++) {
    video = store.add(orderExtension('x', 20, footageOf(video)), {}, 0);
  }
  expect(video.seconds).toBe('108');
  expect(orderExtension('x', 12, footageOf(video)).seconds).toBe('120');
  expect(() => orderExtension('x', 16, footageOf(video))).toThrow(/120 seconds/);
  expect(() => footageOfFile(upload({ seconds: 120.1, size: '1280x720' }), 'sora-2')).toThrow(/120 seconds/);
});

it.each([
  [{ seconds: 7.2, size: '1280x720' }, 8, '1280x720'],
  [{ seconds: 4, size: '640x480' }, 4, '720x1280'],
  [undefined, 4, '720x1280'],
])('takes a file of %o for %i seconds of %s', (film, seconds, size) => {
  expect(footageOfFile(upload(film), 'sora-2-pro')).toMatchObject({
    ...{ model: 'sora-2-pro', seconds, size, sourceId: null, extensions: 0 },
  });
});

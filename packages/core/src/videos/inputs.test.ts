import { expect, test } from 'vitest';
import { fileNameOf } from './inputs.ts';

test('names are of the field and the type', () => {
  expect(fileNameOf('video', 'video/mp4')).toBe('video.mp4');
  expect(fileNameOf('input_reference', 'image/jpeg')).toBe('input_reference.jpg');
  expect(fileNameOf('video', 'application/octet-stream')).toBe('video.bin');
});

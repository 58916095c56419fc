import { expect, test } from 'vitest';
import { fileNameOf, mediaTypeOf } from './media-type.ts';

const of = (head: string | Buffer, declared = 'application/octet-stream') =>
  mediaTypeOf('video', Buffer.isBuffer(head) ? head : Buffer.from(head, 'latin1'), declared);

test.each([
  ['\x89PNG\r\n\x1a\n....', 'image/png'],
  ['\xff\xd8\xff\xe0', 'image/jpeg'],
  ['RIFF\x10\0\0\0WEBPVP8 ', 'image/webp'],
  ['\0\0\0\x18ftypisom', 'video/mp4'],
  ['\0\0\0\x18ftypmp42', 'video/mp4'],
  ['\0\0\0\x14ftypqt  ', 'video/quicktime'],
  ['\0\0\0\x1cftypavif', 'image/avif'],
  ['\0\0\0\x1cftypheic', 'image/heic'],
])('%j is %s, whatever the caller says', (head, type) => {
  expect(of(head)).toBe(type);
  expect(of(head, 'text/html')).toBe(type);
  expect(of(head, 'video/x-other')).toBe(type);
});

test.each([
  ['image/gif', 'image/gif'],
  ['Video/X-Matroska', 'video/x-matroska'],
  ['text/markdown', 'application/octet-stream'],
  ['application/json', 'application/octet-stream'],
  ['image/a b', 'application/octet-stream'],
  ['', 'application/octet-stream'],
])('bytes that tell nothing and %j: %s', (declared, type) => expect(of('Example data', declared)).toBe(type));

test.each([
  ['<svg xmlns="http://www.w3.org/2000/svg">', 'image/png'],
  [' \r\n\t<SVG>', 'image/png'],
  ['<?xml version="1.0"?><svg/>', ''],
  ['<!DOCTYPE html>', 'image/png'],
  ['<html><script>', ''],
  ['<script>alert(1)</script>', ''],
  ['\xef\xbb\xbf<svg>', ''],
  ['anything', 'image/svg+xml'],
  ['anything', 'text/html'],
  ['anything', 'application/xhtml+xml'],
])('%j as %j: refused', (head, declared) => {
  expect(() => of(head, declared)).toThrow(expect.objectContaining({ status: 400, param: 'video' }));
});

test('a document in another encoding is found too', () => {
  const little = Buffer.from('\uFEFF<svg>', 'utf16le');
  expect(() => of(little)).toThrow(expect.objectContaining({ status: 400 }));
  expect(() => of(Buffer.from(little).swap16())).toThrow(expect.objectContaining({ status: 400 }));
  expect(of(Buffer.from([0xff, 0xfe, 0x41]))).toBe('application/octet-stream');
  expect(of(Buffer.from([0xfe, 0xff]))).toBe('application/octet-stream');
});

test('names are of the field and the type', () => {
  expect(fileNameOf('video', 'video/mp4')).toBe('video.mp4');
  expect(fileNameOf('input_reference', 'image/jpeg')).toBe('input_reference.jpg');
  expect(fileNameOf('video', 'application/octet-stream')).toBe('video.bin');
});

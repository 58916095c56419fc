import { expect, test } from 'vitest';
import { mediaTypeOf, takesType } from './media-type.ts';

const of = (head: string | Buffer, declared = 'application/octet-stream') =>
  mediaTypeOf(Buffer.isBuffer(head) ? head : Buffer.from(head, 'latin1'), declared);

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
  ['<svg xmlns="http://www.w3.org/2000/svg">', 'image/png', 'image/svg+xml'],
  [' \r\n\t<SVG>', 'image/png', 'image/svg+xml'],
  ['<?xml version="1.0"?><svg/>', '', 'application/xml'],
  ['<?xml version="1.0"?><svg >', '', 'image/svg+xml'],
  ['<!DOCTYPE html>', 'image/png', 'text/html'],
  ['<html><script>', '', 'text/html'],
  ['<script>alert(1)</script>', '', 'text/html'],
  ['\xef\xbb\xbf<svg>', '', 'image/svg+xml'],
  ['anything', 'image/svg+xml', 'image/svg+xml'],
  ['anything', 'text/html', 'text/html'],
  ['anything', 'application/xhtml+xml', 'application/xhtml+xml'],
  ['PK\x03\x04\x14\0', 'image/png', 'application/zip'],
  ['%PDF-1.7', 'image/png', 'application/pdf'],
  ['GIF89a....%PDF-1.7', 'image/gif', 'application/pdf'],
  ['\x7fELF\x02', 'video/mp4', 'application/x-executable'],
  ['MZ\x90\0', '', 'application/x-msdownload'],
  ['#!/bin/sh', '', 'text/x-shellscript'],
  ['RIFF\x10\0\0\0WAVEfmt ', 'video/mp4', 'audio/wav'],
  ['\0\0\0\x18ftypM4A ', 'video/mp4', 'audio/mp4'],
])('%j as %j is %s, which no field takes', (head, declared, type) => {
  expect(of(head, declared)).toBe(type);
  for (const field of ['input_reference', 'video', 'file'] as const)
    expect(takesType(field, type)).toBe(false);
});

test('a document in another encoding is found too', () => {
  const little = Buffer.from('\uFEFF<svg>', 'utf16le');
  expect(of(little)).toBe('image/svg+xml');
  expect(of(Buffer.from(little).swap16())).toBe('image/svg+xml');
  expect(of(Buffer.from([0xff, 0xfe, 0x41]))).toBe('application/octet-stream');
  expect(of(Buffer.from([0xfe, 0xff]))).toBe('application/octet-stream');
});

test('a picture may start a video and be kept, and is no video; a video is welcome anywhere', () => {
  const taken = (type: string) =>
    (['input_reference', 'file', 'video'] as const).filter((field) => takesType(field, type));
  expect(taken('image/png')).toEqual(['input_reference', 'file']);
  expect(taken('video/mp4')).toEqual(['input_reference', 'file', 'video']);
  expect(taken('application/octet-stream')).toEqual(['input_reference', 'file', 'video']);
});

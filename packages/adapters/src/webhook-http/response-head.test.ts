import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readResponseHead, retryAfterSeconds } from './response-head.ts';

const bodyOf = (...chunks: (string | Buffer)[]) => Readable.from(chunks.map((chunk) => Buffer.from(chunk)));

test('keeps the first 4 KiB and stops reading at 16', async () => {
  let sent = 0;
  const endless = new Readable({
    highWaterMark: 1,
    read() {
      sent += 1024;
      this.push(Buffer.alloc(1024, 'x'));
    },
  });
  expect(await readResponseHead(endless)).toBe('x'.repeat(4096));
  expect(sent).toBeLessThanOrEqual(20 * 1024);
  expect(endless.destroyed).toBe(true);
});

test('makes control characters and direction marks harmless', async () => {
  const text = await readResponseHead(bodyOf('a\u0000b\u001b[31mc\r\nd\te\u202ef\u2066g\u0085h\u007fi'));
  expect(text).toBe('a\uFFFDb\uFFFD[31mc\nd\te\uFFFDf\uFFFDg\uFFFDh\uFFFDi');
});

test('leaves the text that people write alone', async () => {
  const text = '{"ok": true} <b>größer</b> 日本語 😀\n';
  expect(await readResponseHead(bodyOf(text))).toBe(text);
});

test('shows bytes that are no text, and no half of a character at the cut', async () => {
  expect(await readResponseHead(bodyOf(Buffer.from([0x61, 0xff, 0x62])))).toBe('a\uFFFDb');
  expect(await readResponseHead(bodyOf(`${'x'.repeat(4095)}é`))).toBe('x'.repeat(4095));
  // A character that comes in two chunks stays whole.
  expect(await readResponseHead(bodyOf(Buffer.from([0xc3]), Buffer.from([0xa9])))).toBe('é');
});

test('yields what came of a body that breaks off', async () => {
  const broken = Readable.from(
    (async function* () {
      yield Buffer.from('half');
      throw new Error('reset');
    })(),
  );
  expect(await readResponseHead(broken)).toBe('half');
});

test.each([
  ['120', 120],
  ['0', 0],
  [' 5 ', 5],
  ['Sun, 01 Nov 2026 00:01:00 GMT', 60],
  ['Sat, 31 Oct 2026 00:00:00 GMT', 0],
  ['-5', undefined],
  ['1e9', undefined],
  ['soon', undefined],
  ['99999999999999999999', undefined],
  [['7', '9'], 7],
  [undefined, undefined],
])('Retry-After %s means %s', (header, seconds) => {
  expect(retryAfterSeconds(header, Date.parse('2026-11-01T00:00:00Z'))).toBe(seconds);
});

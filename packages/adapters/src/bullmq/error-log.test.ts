import { expect, test, vi } from 'vitest';
import { createErrorLog } from './error-log.ts';

const withCode = (code: string, message = code) => Object.assign(new Error(message), { code });

test('logs the first error of a kind, counts the flood behind it, and tells its size later', () => {
  let now = 0;
  const warn = vi.fn();
  const log = { debug: vi.fn(), info: vi.fn(), warn, error: vi.fn() };
  const onError = createErrorLog(log, 'queue.error', () => now);

  for (let i = 0; i < 14_000; i += 1) onError(withCode('ECONNRESET', `attempt ${i}`));
  onError(withCode('ECONNREFUSED'));
  onError('no error at all');
  expect(warn.mock.calls.map(([, fields]) => [fields.code, fields.suppressed])).toEqual([
    ['ECONNRESET', 0],
    ['ECONNREFUSED', 0],
    [undefined, 0],
  ]);

  now = 10_000;
  onError(withCode('ECONNRESET'));
  expect(warn).toHaveBeenLastCalledWith(
    'queue.error',
    expect.objectContaining({ code: 'ECONNRESET', suppressed: 13_999 }),
  );
});

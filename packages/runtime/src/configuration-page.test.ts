import { expect, test } from 'vitest';
import { z } from 'zod';
import { renderConfigurationPage } from './configuration-page.ts';
import { describeEnvironment, variable } from './env.ts';

test('one table per process, with what happens when a variable is unset', () => {
  const page = renderConfigurationPage([
    [
      'gateway',
      describeEnvironment(
        z.object({
          PORT: variable.port().default(8080).describe('Where to listen.'),
          PEPPER: variable.secret().describe('Mixed into\n  key hashes | and more.'),
          REDIS_URL: variable.url('redis').optional().describe('The queue.'),
        }),
      ),
    ],
    ['worker', []],
  ]);
  expect(page).toContain('## gateway\n\n| variable | when unset | what it is |');
  expect(page).toContain('| `PORT` | `8080` | Where to listen. |\n');
  expect(page).toContain('| `PEPPER` | **required**, secret | Mixed into key hashes \\| and more. |\n');
  expect(page).toContain('| `REDIS_URL` | optional | The queue. |\n');
  expect(page.indexOf('## worker')).toBeGreaterThan(page.indexOf('## gateway'));
  expect(page.endsWith('\n')).toBe(true);
});

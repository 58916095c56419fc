import { renderConfigurationPage } from '@reelgate/runtime';
import { expect, test } from 'vitest';
import { environmentOf } from '../process-environments.ts';

test('docs/configuration.md is what the processes read (npm run docs:write renews it)', async () => {
  const page = renderConfigurationPage([
    ['Gateway', await environmentOf('gateway')],
    ['Worker', await environmentOf('worker')],
  ]);
  await expect(page).toMatchFileSnapshot('../../../docs/configuration.md');
});

import { expect, test } from 'vitest';
import { formatQuotaFile, parseQuotaFile } from './quota-file.ts';

const quotas = [
  { team: 'films', metric: 'cost', window: 'month', hard: '250.50', thresholds: [80] },
  { organization: true, metric: 'videos', window: 'leaky', spanSeconds: 3_600, hard: '7' },
  {
    key: 'key_1',
    metric: 'seconds',
    window: 'day',
    soft: '60',
    model: 'sora-2',
    tags: { campaign: 'spring' },
  },
] as const;

test('what is written is read again as it was', () => {
  expect(parseQuotaFile(formatQuotaFile(quotas as never), 'quotas.yaml')).toEqual(quotas);
});

test.each([
  [
    'quotas:\n  - team: films\n    metric: cost\n    window: month\n',
    'quotas[0] (line 2): must have a hard or a soft limit',
  ],
  ['quotas:\n  - metric: cost\n    window: month\n    hard: "1"\n', 'must say whose quota it is'],
  [
    'quotas:\n  - team: a\n    key: b\n    metric: cost\n    window: month\n    hard: "1"\n',
    'exactly one of',
  ],
  ['quotas:\n  - team: a\n    metric: cost\n    window: month\n    hard: 1.5\n', 'quotas[0].hard (line 5)'],
  [
    'quotas:\n  - team: a\n    metric: money\n    window: month\n    hard: "1"\n',
    'quotas[0].metric (line 3)',
  ],
  ['quota: []\n', 'the file'],
  ['quotas: [', 'line 1'],
])('a mistake is named with its line: %j', (text, problem) => {
  expect(() => parseQuotaFile(text, 'quotas.yaml')).toThrow(problem);
});

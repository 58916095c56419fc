import { expect, it } from 'vitest';
import { createRuleBook, ruleSchema } from './rules.ts';

it('applies the oldest matching rule as often as it says, then the next', () => {
  const rules = createRuleBook();
  rules.add(ruleSchema.parse({ match: { operation: 'create' }, times: 2, behaviour: { refuse: 503 } }));
  rules.add(ruleSchema.parse({ behaviour: { refuse: 500 } }));
  expect(rules.take({ operation: 'create' })).toEqual({ refuse: 503 });
  expect(rules.take({ operation: 'list' })).toEqual({ refuse: 500 });
  expect(rules.take({ operation: 'list' })).toEqual({});
  expect(rules.list()).toMatchObject([{ times: 1 }]);
  expect(rules.take({ operation: 'create' })).toEqual({ refuse: 503 });
  expect(rules.take({ operation: 'create' })).toEqual({});
});

it('matches on the id and on a part of the prompt', () => {
  const rules = createRuleBook();
  rules.add(
    ruleSchema.parse({ match: { id: 'video_1', prompt_contains: 'boat' }, behaviour: { drop: true } }),
  );
  expect(rules.take({ operation: 'content', id: 'video_2', prompt: 'a boat' })).toEqual({});
  expect(rules.take({ operation: 'content', id: 'video_1' })).toEqual({});
  expect(rules.take({ operation: 'content', id: 'video_1', prompt: 'a boat' })).toEqual({ drop: true });
});

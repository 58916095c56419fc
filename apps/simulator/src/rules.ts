import { z } from 'zod';
import { type Behaviour, behaviourSchema } from './behaviour.ts';

const OPERATIONS = [
  'create',
  'retrieve',
  'list',
  'content',
  'delete',
  'remix',
  'edit',
  'extend',
  'character',
  'character_get',
  'file',
  'file_list',
  'file_get',
  'file_content',
  'file_delete',
  'models',
] as const;
export type Operation = (typeof OPERATIONS)[number];

export const ruleSchema = z.strictObject({
  match: z
    .strictObject({
      operation: z.enum(OPERATIONS),
      prompt_contains: z.string().min(1),
      id: z.string().min(1),
    })
    .partial()
    .default({}),
  /** How many matching requests it applies to. */
  times: z.int().min(1).default(1),
  behaviour: behaviourSchema,
});

export type Rule = z.output<typeof ruleSchema>;

export interface Subject {
  readonly operation: Operation;
  readonly id?: string | undefined;
  readonly prompt?: string | undefined;
}

/** What all later requests do, and what the next few matching ones do instead. */
export interface RuleBook {
  defaults(): Behaviour;
  setDefaults(defaults: Behaviour): void;
  add(rule: Rule): Rule & { readonly id: number };
  list(): readonly (Rule & { readonly id: number })[];
  /** Uses up one turn of the oldest rule that matches. */
  take(subject: Subject): Behaviour;
  clear(): void;
}

export function createRuleBook(): RuleBook {
  let defaults: Behaviour = {};
  let rules: (Rule & { id: number })[] = [];
  let nextId = 1;
  return {
    defaults: () => defaults,
    setDefaults(replacement) {
      defaults = replacement;
    },
    add(rule) {
      const added = { ...rule, id: nextId++ };
      rules.push(added);
      return { ...added };
    },
    list: () => rules,
    take(subject) {
      const rule = rules.find(({ match }) => matches(match, subject));
      if (!rule) return {};
      rule.times--;
      if (rule.times === 0) rules = rules.filter((other) => other !== rule);
      return rule.behaviour;
    },
    clear() {
      rules = [];
    },
  };
}

function matches({ operation, id, prompt_contains }: Rule['match'], subject: Subject): boolean {
  return (
    (operation === undefined || operation === subject.operation) &&
    (id === undefined || id === subject.id) &&
    (prompt_contains === undefined || (subject.prompt?.includes(prompt_contains) ?? false))
  );
}

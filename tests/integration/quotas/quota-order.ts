/** Commands that ran at the same time are right if there is an order in which, one by one, they would have done the same. */
import {
  type Amounts,
  finish,
  grant,
  hold,
  type Metric,
  type Model,
  park,
  room,
  type Selector,
  setLimit,
  type Traits,
  ungrant,
  type Window,
} from './quota-model.ts';

export type Command =
  | {
      readonly do: 'accept';
      readonly video: string;
      readonly key: number;
      readonly amounts: Amounts;
      readonly traits: Traits;
    }
  | { readonly do: 'finish'; readonly video: string; readonly actual: Amounts | null }
  | { readonly do: 'park' | 'delete'; readonly video: string }
  | {
      readonly do: 'limit';
      readonly scope: string;
      readonly metric: Metric;
      readonly window: Window;
      readonly selector: Selector;
      readonly hard: number | null;
    }
  | { readonly do: 'grant'; readonly limit: string; readonly name: string; readonly amount: number }
  | { readonly do: 'ungrant'; readonly limit: string; readonly name: string };

export const limitName = (command: Extract<Command, { do: 'limit' }>) =>
  `${command.scope} ${command.metric} ${command.window} ${command.selector}`;

/** A command and its outcome. */
export interface Done {
  readonly command: Command;
  /** The code of a refusal, or null. */
  readonly refusal: string | null;
  /** Among all that wrote into the ledger; 0 where it may come first, null where it may come anywhere. */
  readonly position: number | null;
}

/** So many can be put in any order; more only with the help of the ledger. */
export const FEW = 7;

/** Orders tried before it counts as a fault of this search, not of the database. */
const MAX_TRIES = 20_000;

/** The model after such an order, one that ends in what `arrived` recognizes; null where there is none. */
export function explain(
  before: Model,
  all: readonly Done[],
  scopesOf: (key: number) => readonly string[],
  arrived: (model: Model) => boolean,
): Model | null {
  const seen = new Set<string>();
  const goOn = (model: Model, open: readonly Done[]): Model | null => {
    // A refusal changes nothing, so that it has its place as soon as it is right.
    const left = open.filter((done) => !isRightRefusal(model, done, scopesOf));
    if (left.length === 0) return arrived(model) ? model : null;
    const key = JSON.stringify([model, left.map((done) => all.indexOf(done))]);
    if (seen.has(key)) return null;
    seen.add(key);
    if (seen.size > MAX_TRIES) throw new Error('too many orders to try them all');
    const next = Math.min(...left.map((done) => done.position ?? Number.POSITIVE_INFINITY));
    for (const done of left) {
      if (done.position !== null && done.position !== next) continue;
      const after = apply(model, done, scopesOf);
      const rest = left.filter((other) => other !== done);
      const end = after && goOn(after, rest);
      if (end) return end;
      // What may come first and takes nothing makes no difference anywhere else.
      if (done.position === 0) return null;
    }
    return null;
  };
  return goOn(before, all);
}

function isRightRefusal(model: Model, done: Done, scopesOf: (key: number) => readonly string[]): boolean {
  const { command, refusal } = done;
  if (refusal === null) return false;
  if (command.do === 'grant') return model.limits[command.limit] == null && refusal === 'invalid_value';
  if (command.do !== 'accept') return false;
  return room(model, scopesOf(command.key), command.amounts, command.traits).refusals.includes(refusal);
}

/** Null where it could not have come out as it did. */
function apply(model: Model, done: Done, scopesOf: (key: number) => readonly string[]): Model | null {
  const { command, refusal } = done;
  if (refusal !== null) return null;
  const after = structuredClone(model);
  switch (command.do) {
    case 'accept': {
      const { amounts, traits } = command;
      const scopes = scopesOf(command.key);
      const { holds, refusals } = room(after, scopes, amounts, traits);
      if (refusals.length > 0) return null;
      hold(after, command.video, { scopes, amounts, traits, holds });
      return after;
    }
    case 'finish':
      finish(after, command.video, command.actual);
      return after;
    case 'park':
      park(after, command.video);
      return after;
    case 'limit':
      setLimit(after, limitName(command), command.hard);
      return after;
    case 'grant':
      return grant(after, command.limit, command) ? after : null;
    case 'ungrant':
      ungrant(after, command.limit, command.name);
      return after;
    case 'delete':
      // Deleting refunds nothing.
      return after;
  }
}

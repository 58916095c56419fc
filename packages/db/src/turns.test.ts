import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createTurns } from './turns.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp(options: Partial<Parameters<typeof createTurns>[0]> = {}) {
  const turns = createTurns({ total: 4, perOwner: 2, waitMs: 1_000, ...options });
  const begun: string[] = [];
  const refused: string[] = [];
  const leaves: (() => void)[] = [];
  const enter = (owner: string | null, count = 1) => {
    for (let i = 0; i < count; i++) {
      turns.enter(owner, (error, leave) => {
        if (error) return void refused.push(`${owner}`);
        begun.push(`${owner}`);
        leaves.push(leave);
      });
    }
  };
  return { begun, refused, enter, leave: () => leaves.shift()?.() };
}

describe('turns', () => {
  test('one owner never has more than its share, though the rest stands free', () => {
    const { begun, enter } = setUp();
    enter('a', 10);
    expect(begun).toEqual(['a', 'a']);
    enter('b');
    expect(begun).toEqual(['a', 'a', 'b']);
  });

  test('the owner with the fewest is next, and of equals who waits longest', () => {
    const { begun, enter, leave } = setUp({ perOwner: 3 });
    enter('a', 100);
    enter('b', 3);
    enter('c', 2);
    expect(begun).toEqual(['a', 'a', 'a', 'b']);
    leave();
    expect(begun.slice(4)).toEqual(['c']);
    leave();
    leave();
    leave();
    expect(begun.slice(5)).toEqual(['a', 'b', 'c']);
  });

  test('nobody has no share of its own, and is next like everyone', () => {
    const { begun, enter, leave } = setUp();
    enter(null, 6);
    expect(begun).toHaveLength(4);
    enter('a', 2);
    leave();
    leave();
    expect(begun.slice(4)).toEqual(['a', 'a']);
  });

  test('whoever waited too long is told, and holds nothing up', () => {
    const { begun, refused, enter, leave } = setUp();
    enter('a', 4);
    vi.advanceTimersByTime(999);
    expect(refused).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(refused).toEqual(['a', 'a']);
    leave();
    leave();
    enter('a', 2);
    expect(begun).toHaveLength(4);
  });

  test('an owner that has a thousand waiting is refused at once, and others are not', () => {
    const { refused, begun, enter } = setUp();
    enter('a', 1_003);
    expect(refused).toEqual(['a']);
    enter('b');
    expect(begun.at(-1)).toBe('b');
  });

  test('leaving twice leaves once', () => {
    const turns = createTurns({ total: 1, perOwner: 1, waitMs: 1_000 });
    const leaves: (() => void)[] = [];
    for (let i = 0; i < 3; i++) turns.enter('a', (_, leave) => void leaves.push(leave));
    leaves[0]?.();
    leaves[0]?.();
    expect(leaves).toHaveLength(2);
  });
});

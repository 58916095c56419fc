/** Makes two runs comparable: what must differ between them is replaced by what must not. */
import type { TrueVideo } from './simulator.ts';

export interface Step {
  readonly step: string;
  readonly answer?: unknown;
  readonly error?: unknown;
}

const idPattern = /\b(video|char|evt|file)[_-][0-9A-Za-z-]{16,}/g;

/**
 * Ids become names in the order they appear in; times become what they are relative to; bytes become which file of the
 * upstream they are, where `rendered` is known; and an error's message becomes whether there is one, since wording is free.
 */
export function normalize(steps: readonly Step[], rendered?: readonly TrueVideo[]): Step[] {
  const names = new Map<string, string>();
  const files = new Map(
    rendered?.flatMap(({ content }) =>
      Object.entries(content).flatMap(([variant, file]) =>
        file ? [[file.sha256, { ...file, variant }] as const] : [],
      ),
    ),
  );

  function nameOf(id: string, kind: string): string {
    const known = names.get(id);
    if (known !== undefined) return known;
    const count = [...names.values()].filter((name) => name.startsWith(`<${kind} `)).length;
    const name = `<${kind} ${count + 1}>`;
    names.set(id, name);
    return name;
  }

  function visit(value: unknown, key: string, parent: Readonly<Record<string, unknown>>): unknown {
    if (typeof value === 'string') {
      return key === 'message' ? '<a message>' : value.replaceAll(idPattern, nameOf);
    }
    if (typeof value === 'number' && key.endsWith('_at')) return timeOf(value, key, parent);
    if (Array.isArray(value)) return value.map((item) => visit(item, '', {}));
    if (typeof value !== 'object' || value === null) return value;
    const object = value as Record<string, unknown>;
    const entries = Object.entries(object).map(([name, item]) => [name, visit(item, name, object)] as const);
    return { ...Object.fromEntries(entries), ...contentOf(object) };
  }

  function contentOf({ sha256, bytes }: Record<string, unknown>): object {
    if (typeof sha256 !== 'string') return {};
    if (rendered === undefined) return { sha256: '<a hash>', bytes: '<a length>' };
    const file = files.get(sha256);
    if (file?.bytes !== bytes) return { sha256: 'of nothing that the upstream rendered' };
    return { sha256: `<as rendered: ${file?.variant}>`, bytes: '<as rendered>' };
  }

  return steps.map((step) => visit(step, '', {}) as Step);
}

function timeOf(seconds: number, key: string, { created_at: createdAt }: Readonly<Record<string, unknown>>) {
  if (key === 'created_at') return Math.abs(Date.now() / 1000 - seconds) < 3600 ? '<a time>' : seconds;
  return typeof createdAt === 'number' && seconds >= createdAt ? '<a time since created_at>' : seconds;
}

/** Where two JSON values differ. */
export interface Difference {
  /** Such as `answer.data[0].status`. */
  readonly path: string;
  readonly direct: unknown;
  readonly gateway: unknown;
}

const absent = Symbol('absent');

export function differencesOf(direct: unknown, gateway: unknown, path = ''): Difference[] {
  if (isObject(direct) && isObject(gateway) && Array.isArray(direct) === Array.isArray(gateway)) {
    const keys = new Set([...Object.keys(direct), ...Object.keys(gateway)]);
    return [...keys].flatMap((key) => {
      const below = Array.isArray(direct) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
      return differencesOf(valueAt(direct, key), valueAt(gateway, key), below);
    });
  }
  return Object.is(direct, gateway) ? [] : [{ path, direct, gateway }];
}

export function show(value: unknown): string {
  return value === absent ? '(absent)' : JSON.stringify(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function valueAt(object: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : absent;
}

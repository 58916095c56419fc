import { badRequest } from './errors.ts';
import type { Part, PartValue } from './multipart.ts';
import { SpooledFile } from './spool.ts';

/** `name`, `name[key]`, `name[]`, `name[][key]`: how every SDK spells nested values in a form. */
const PART_NAME = /^([A-Za-z_][\w.-]{0,63})((?:\[[^[\]\p{Cc}]{0,64}\]){0,4})$/u;

type Node = PartValue | Node[] | { [key: string]: Node };

/** Parts as the values that they spell; a file is a `SpooledFile`. Throws 400 for a name that cannot be read, and for one that comes twice. */
export function formFields(parts: readonly Part[]): Record<string, unknown> {
  const fields: { [key: string]: Node } = {};
  for (const [name, value] of parts) {
    const match = PART_NAME.exec(name);
    if (!match) throw badRequest('invalid_form', 'The name of a form field cannot be read.');
    const keys = [...(match[2] ?? '').matchAll(/\[([^\]]*)\]/g)].map((found) => found[1] ?? '');
    if (!place(fields, [match[1] ?? '', ...keys], value)) {
      const message = `The parameter '${name}' was given more than once, or as two different kinds of value.`;
      throw badRequest('duplicate_parameter', message, name);
    }
  }
  return fields;
}

/** False where the place is taken. An empty key is the next item of a list. */
function place(target: { [key: string]: Node }, path: readonly string[], value: PartValue): boolean {
  const [key = '', ...rest] = path;
  if (rest.length === 0) {
    if (Object.hasOwn(target, key)) return false;
    define(target, key, value);
    return true;
  }
  const isList = rest[0] === '';
  if (!Object.hasOwn(target, key)) define(target, key, isList ? [] : {});
  const inner = target[key];
  if (isLeaf(inner) || inner === undefined || Array.isArray(inner) !== isList) return false;
  return Array.isArray(inner) ? append(inner, rest.slice(1), value) : place(inner, rest, value);
}

/** `list[][a]`, `list[][b]` fill one object until a key repeats, which begins the next. */
function append(list: Node[], rest: readonly string[], value: PartValue): boolean {
  if (rest.length === 0) {
    if (list.some((item) => !isLeaf(item))) return false;
    list.push(value);
    return true;
  }
  // A list right inside a list has no spelling that tells where the inner one ends.
  if (rest[0] === '') return false;
  const last = list.at(-1);
  if (isLeaf(last) || Array.isArray(last)) return false;
  if (last !== undefined && place(last, rest, value)) return true;
  const next = {};
  list.push(next);
  return place(next, rest, value);
}

function isLeaf(node: Node | undefined): node is PartValue {
  return typeof node === 'string' || node instanceof SpooledFile;
}

/** Never an assignment: a key such as `__proto__` would reach the prototype. */
function define(target: { [key: string]: Node }, key: string, value: Node): void {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
}

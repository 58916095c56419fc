type Field = string | Field[] | Fields;
interface Fields {
  [name: string]: Field;
}

/** What the names of a form or a query spell: `a[b]` is a key of an object, `a[]` and `a[][b]` an item of a list. */
export function nestedFields(entries: Iterable<readonly [string, string]>): Fields {
  const root: Fields = {};
  for (const [name, value] of entries) {
    place(
      root,
      name.split('[').map((part) => part.replace(/\]$/, '')),
      value,
    );
  }
  return root;
}

function place(target: Fields, [name = '', ...rest]: readonly string[], value: string): void {
  const [next] = rest;
  if (next === undefined) {
    if (name in target) throw new Error(`the field '${name}' comes twice`);
    target[name] = value;
    return;
  }
  target[name] ??= next === '' ? [] : {};
  const inner = target[name];
  if (typeof inner === 'string') throw new Error(`the field '${name}' is both a text and more than that`);
  if (Array.isArray(inner)) {
    inner.push(rest.length === 1 ? value : item(rest.slice(1), value));
  } else {
    place(inner, rest, value);
  }
}

function item(path: readonly string[], value: string): Fields {
  const fields: Fields = {};
  place(fields, path, value);
  return fields;
}

/** A table as RFC 4180 has it, for spreadsheets that would run what begins like a formula. */

const FORMULA = /^[=+\-@]/;
const NUMBER = /^-?\d+(?:\.\d+)?$/;

/** The columns are the keys of a row; what is nested is named with a dot, or stands as JSON. */
export async function* csvLines(
  columns: readonly string[],
  rows: AsyncIterable<object> | Iterable<object>,
): AsyncGenerator<string> {
  yield line(columns);
  for await (const row of rows) {
    const cells = flatten(row);
    yield line(columns.map((column) => cells.get(column)));
  }
}

function line(values: readonly unknown[]): string {
  return `${values.map(cell).join(',')}\r\n`;
}

/** Text that a spreadsheet would take for a formula gets an apostrophe before it; a number stays one. */
export function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  const safe = FORMULA.test(text.trimStart()) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function flatten(row: object): Map<string, unknown> {
  const cells = new Map<string, unknown>();
  for (const [name, value] of Object.entries(row)) {
    cells.set(name, value);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    for (const [inner, innerValue] of Object.entries(value)) cells.set(`${name}.${inner}`, innerValue);
  }
  return cells;
}

/** What a benchmark gives back: a table of figures and what has to be known to read it. */
export interface Report {
  readonly title: string;
  /** The first column names the row. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly notes?: readonly string[];
}

export interface Benchmark {
  readonly about: string;
  /** Options with their defaults; given as `--name value` on the command line. */
  readonly options: Readonly<Record<string, number>>;
  run(options: Readonly<Record<string, number>>): Promise<Report>;
}

export function print(report: Report): void {
  const lines = [report.columns, ...report.rows];
  const widths = report.columns.map((_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? '').length)),
  );
  const row = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  console.log(`\n${report.title}\n`);
  console.log(row(report.columns));
  console.log(widths.map((width) => '-'.repeat(width)).join('  '));
  for (const line of report.rows) console.log(row(line));
  for (const note of report.notes ?? []) console.log(`\n${note}`);
}

/** The value below which the given part of the values lies; the median where no part is given. */
export function quantile(values: readonly number[], part = 0.5): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

/** Median with the smallest and the largest value. */
export function spread(values: readonly number[], digits = 1): string {
  const [middle, least, most] = [quantile(values), Math.min(...values), Math.max(...values)];
  return `${middle.toFixed(digits)} (${least.toFixed(digits)}–${most.toFixed(digits)})`;
}

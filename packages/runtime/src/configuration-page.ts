import type { EnvironmentRow } from './env.ts';

/** The markdown of docs/configuration.md: one table of variables for each process, in the order given. */
export function renderConfigurationPage(
  processes: readonly (readonly [processName: string, rows: readonly EnvironmentRow[]])[],
): string {
  const sections = processes.map(([processName, rows]) => {
    const lines = rows.map((row) => `| \`${row.name}\` | ${need(row)} | ${cell(row.description)} |`);
    return [
      `## ${processName}`,
      '',
      '| variable | when unset | what it is |',
      '| --- | --- | --- |',
      ...lines,
      '',
    ].join('\n');
  });
  return [
    '# Configuration',
    '',
    'Generated from the `env.ts` of each process; a test fails when this page and they differ.',
    'A variable set to the empty string counts as unset. A process that cannot use its environment names every',
    'variable that is wrong and exits with code 78.',
    '',
    ...sections,
  ].join('\n');
}

function need(row: EnvironmentRow): string {
  const secret = row.secret ? ', secret' : '';
  if (row.required) return `**required**${secret}`;
  return `${row.default === undefined ? 'optional' : `\`${cell(row.default)}\``}${secret}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
}

/** US dollars become micro-US-dollars, digit by digit so that nothing is rounded; other metrics count whole things. */
export function parseAmount(option: string, metric: string, text: string): bigint {
  if (metric !== 'cost') {
    if (/^\d{1,15}$/.test(text)) return BigInt(text);
    throw new Error(`${option} for ${metric} must be a whole number, not ${JSON.stringify(text)}.`);
  }
  const [, whole, fraction = ''] = /^(\d{1,9})(?:\.(\d{1,6}))?$/.exec(text) ?? [];
  if (whole === undefined) {
    throw new Error(
      `${option} for cost must be US dollars such as 250 or 99.50, not ${JSON.stringify(text)}.`,
    );
  }
  return BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
}

/** `250`, `99.50 USD`: exact, so that it can be read again. */
export function showAmount(metric: string, amount: bigint): string {
  if (metric !== 'cost') return amount.toString();
  const fraction = (amount % 1_000_000n)
    .toString()
    .padStart(6, '0')
    .replace(/0{1,4}$/, '');
  return `${amount / 1_000_000n}.${fraction.padEnd(2, '0')} USD`;
}

import { parseMoney } from '../../ui/format.ts';

/** How an amount of a metric is asked for. */
export function amountField(metric: string): { readonly prefix?: string; readonly placeholder: string } {
  return metric === 'cost' ? { prefix: '$', placeholder: '250' } : { placeholder: '100' };
}

/** What somebody typed, as the API takes it; null where it is no amount. */
export function parseAmount(metric: string, text: string): string | null {
  if (metric === 'cost') return parseMoney(text);
  return /^\d{1,12}$/.test(text.trim()) ? text.trim() : null;
}

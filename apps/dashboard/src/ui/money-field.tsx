import type { ComponentProps } from 'react';
import { TextField } from './field.tsx';
import { parseMoney } from './format.ts';

/** Takes US dollars. */
export function MoneyField(props: Omit<ComponentProps<typeof TextField>, 'prefix' | 'inputMode'>) {
  return <TextField prefix="$" inputMode="decimal" {...props} />;
}

export const isMoney = (text: string) => parseMoney(text) !== null || 'Dollars, such as 0.10';
export const isMoneyOrEmpty = (text: string) => text.trim() === '' || isMoney(text);

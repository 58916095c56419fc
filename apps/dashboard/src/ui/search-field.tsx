import { Search } from 'lucide-react';
import { useEffect, useState } from 'react';
import { TextField } from './field.tsx';

const PAUSE_MS = 250;

/** Finds as one types; `/` puts the cursor here. */
export function SearchField({
  label,
  value,
  onSearch,
  placeholder,
}: {
  label: string;
  value: string;
  onSearch: (text: string) => void;
  placeholder?: string;
}) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onSearch(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, value, onSearch]);
  return (
    <TextField
      label={label}
      labelHidden
      type="search"
      data-search
      value={text}
      onChange={(event) => setText(event.target.value)}
      placeholder={placeholder ?? label}
      prefix={<Search aria-hidden className="size-3.5" />}
      className="w-full sm:w-64"
    />
  );
}

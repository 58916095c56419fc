import { clsx } from 'clsx';
import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { IconButton } from './button.tsx';

const TOLD_MS = 1_500;

/** Copies `text`, and says so for a moment. */
function CopyButton({ text, label, className }: { text: string; label: string; className?: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), TOLD_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <IconButton
      label={copied ? 'Copied' : label}
      className={clsx('size-6', className)}
      onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
    >
      {copied ? <Check className="size-3.5 text-good" /> : <Copy className="size-3.5" />}
    </IconButton>
  );
}

/** Something to run elsewhere, ready to be copied. */
export function CodeBlock({ code, label = 'Copy' }: { code: string; label?: string }) {
  return (
    <div className="flex w-full min-w-0 items-start rounded-md border bg-sunken text-left">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0} className="min-w-0 flex-1 overflow-x-auto p-3 font-mono text-xs leading-5">
        {code}
      </pre>
      <CopyButton text={code} label={label} className="m-1.5 ml-0" />
    </div>
  );
}

/** An id, shortened in the middle, whole on hover and in the clipboard. */
export function Id({ id, copy = true }: { id: string; copy?: boolean }) {
  const short = id.length > 18 ? `${id.slice(0, id.indexOf('_') + 7)}…${id.slice(-4)}` : id;
  return (
    <span className="inline-flex items-center gap-0.5 font-mono text-xs" title={id}>
      {short}
      {copy && <CopyButton text={id} label={`Copy ${id}`} className="-my-1" />}
    </span>
  );
}

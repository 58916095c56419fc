import { KeyRound } from 'lucide-react';
import { Tabs } from 'radix-ui';
import { Button } from '../../ui/button.tsx';
import { CodeBlock } from '../../ui/copy.tsx';
import { Dialog } from '../../ui/overlay.tsx';
import { snippets } from './snippets.ts';

/** A new secret, once, with the lines that use it. It is nowhere else, so closing takes a button. */
export function SecretOnce({
  name,
  secret,
  note,
  withSnippets = true,
  onClose,
}: {
  name: string;
  secret: string;
  note?: string | undefined;
  withSnippets?: boolean;
  onClose: () => void;
}) {
  const all = snippets(secret);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      wide
      title={
        <span className="flex items-center gap-2">
          <KeyRound aria-hidden className="size-4.5 text-accent" /> {name}
        </span>
      }
      description="This is the only time that the secret is shown. Copy it now."
    >
      <div className="space-y-4">
        <CodeBlock code={secret} label="Copy the secret" />
        {note && <p className="text-ink-soft text-sm">{note}</p>}
        {withSnippets && (
          <Tabs.Root defaultValue={all[0]?.name ?? ''}>
            <Tabs.List aria-label="Language" className="mb-2 flex gap-1">
              {all.map((snippet) => (
                <Tabs.Trigger
                  key={snippet.name}
                  value={snippet.name}
                  className="rounded-md px-2.5 py-1 text-ink-soft text-sm hover:bg-sunken data-[state=active]:bg-accent-soft data-[state=active]:font-medium data-[state=active]:text-accent"
                >
                  {snippet.name}
                </Tabs.Trigger>
              ))}
            </Tabs.List>
            {all.map((snippet) => (
              <Tabs.Content key={snippet.name} value={snippet.name} tabIndex={-1}>
                <CodeBlock code={snippet.code} />
              </Tabs.Content>
            ))}
          </Tabs.Root>
        )}
        <div className="flex justify-end">
          <Button look="primary" onClick={onClose}>
            I have it
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

import { clsx } from 'clsx';
import { X } from 'lucide-react';
import { DropdownMenu, Popover as PopoverPrimitive, Dialog as Primitive } from 'radix-ui';
import type { ReactNode } from 'react';
import { IconButton } from './button.tsx';
import { useOpenDialog } from './open-dialogs.ts';

interface DialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: ReactNode;
  readonly description?: ReactNode;
  readonly children: ReactNode;
  /** A panel from the right, for looking at one thing beside its list. */
  readonly side?: boolean;
  readonly wide?: boolean;
}

/** Focus stays inside while it is open, Escape closes it, and whatever had the focus gets it back. */
export function Dialog({ open, onOpenChange, title, description, children, side, wide }: DialogProps) {
  useOpenDialog(open, () => onOpenChange(false));
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-40 bg-shade" />
        <Primitive.Content
          {...(!description && { 'aria-describedby': undefined })}
          className={clsx(
            'fixed z-50 flex flex-col border bg-raised shadow-float',
            side
              ? 'slides inset-y-0 right-0 w-full max-w-2xl overflow-y-auto border-y-0 border-r-0'
              : 'arrives inset-x-3 top-[8vh] mx-auto max-h-[84vh] overflow-y-auto rounded-lg',
            !side && (wide ? 'max-w-3xl' : 'max-w-lg'),
          )}
        >
          <header className="sticky top-0 z-10 flex items-start gap-3 border-b bg-raised px-5 py-3.5">
            <div className="min-w-0">
              <Primitive.Title className="truncate font-semibold text-lg">{title}</Primitive.Title>
              {description && (
                <Primitive.Description className="text-ink-soft text-sm">{description}</Primitive.Description>
              )}
            </div>
            <Primitive.Close asChild>
              <IconButton label="Close" className="-mr-1.5 ml-auto">
                <X className="size-4" />
              </IconButton>
            </Primitive.Close>
          </header>
          <div className="min-h-0 flex-1 px-5 py-4">{children}</div>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

const floating = 'arrives z-50 rounded-lg border bg-raised shadow-float';

export function Menu({ trigger, children }: { trigger: ReactNode; children: ReactNode }) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="end" sideOffset={4} className={clsx(floating, 'min-w-48 p-1')}>
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

export function MenuItem({
  onSelect,
  danger = false,
  disabled = false,
  children,
}: {
  onSelect: () => void;
  danger?: boolean;
  disabled?: boolean;
  children: ReactNode;
}) {
  return (
    <DropdownMenu.Item
      onSelect={onSelect}
      disabled={disabled}
      className={clsx(
        'flex cursor-pointer items-center gap-2 rounded px-2 py-1.5 text-sm outline-none data-[disabled]:pointer-events-none data-[highlighted]:bg-sunken data-[disabled]:opacity-50',
        danger && 'text-bad',
      )}
    >
      {children}
    </DropdownMenu.Item>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <DropdownMenu.Label className="px-2 py-1.5 text-ink-faint text-xs">{children}</DropdownMenu.Label>;
}

export function MenuSeparator() {
  return <DropdownMenu.Separator className="my-1 border-t" />;
}

export function Popover({
  trigger,
  children,
  label,
}: {
  trigger: ReactNode;
  children: ReactNode;
  label: string;
}) {
  return (
    <PopoverPrimitive.Root>
      <PopoverPrimitive.Trigger asChild>{trigger}</PopoverPrimitive.Trigger>
      <PopoverPrimitive.Portal>
        <PopoverPrimitive.Content
          aria-label={label}
          align="end"
          sideOffset={4}
          collisionPadding={8}
          className={clsx(floating, 'w-72 p-3')}
        >
          {children}
        </PopoverPrimitive.Content>
      </PopoverPrimitive.Portal>
    </PopoverPrimitive.Root>
  );
}

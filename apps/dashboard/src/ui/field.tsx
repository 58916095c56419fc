import { clsx } from 'clsx';
import { Switch as SwitchPrimitive } from 'radix-ui';
import { type ComponentProps, type ReactNode, useId } from 'react';

const control =
  'w-full min-w-0 rounded-md border border-line-strong bg-panel px-2.5 text-sm placeholder:text-ink-faint disabled:opacity-60 aria-invalid:border-bad';

interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string | undefined;
  /** Shown to those who hear the page only. */
  readonly labelHidden?: boolean;
}

function Frame({
  id,
  field,
  children,
  className,
}: {
  id: string;
  field: FieldProps;
  children: ReactNode;
  className?: string | undefined;
}) {
  const { label, hint, error, labelHidden } = field;
  return (
    <div className={clsx('min-w-0', className)}>
      <label htmlFor={id} className={clsx(labelHidden ? 'sr-only' : 'mb-1 block font-medium text-sm')}>
        {label}
      </label>
      {children}
      {error ? (
        <p id={`${id}-note`} className="mt-1 text-bad text-xs">
          {error}
        </p>
      ) : (
        hint && (
          <p id={`${id}-note`} className="mt-1 text-ink-faint text-xs">
            {hint}
          </p>
        )
      )}
    </div>
  );
}

function described(id: string, { hint, error }: FieldProps) {
  return {
    'aria-invalid': error ? true : undefined,
    'aria-describedby': error || hint ? `${id}-note` : undefined,
  } as const;
}

export function TextField({
  label,
  hint,
  error,
  labelHidden = false,
  className,
  prefix,
  ...rest
}: Omit<ComponentProps<'input'>, 'prefix'> & FieldProps & { prefix?: ReactNode }) {
  const id = useId();
  const field = { label, hint, error, labelHidden };
  return (
    <Frame id={id} field={field} className={className}>
      <div className="relative">
        {prefix && (
          <span className="pointer-events-none absolute inset-y-0 left-2.5 flex items-center text-ink-faint text-sm">
            {prefix}
          </span>
        )}
        <input
          id={id}
          {...described(id, field)}
          {...rest}
          className={clsx(control, 'h-8', Boolean(prefix) && 'pl-7')}
        />
      </div>
    </Frame>
  );
}

export function TextArea({
  label,
  hint,
  error,
  labelHidden = false,
  className,
  ...rest
}: ComponentProps<'textarea'> & FieldProps) {
  const id = useId();
  const field = { label, hint, error, labelHidden };
  return (
    <Frame id={id} field={field} className={className}>
      <textarea id={id} rows={3} {...described(id, field)} {...rest} className={clsx(control, 'py-1.5')} />
    </Frame>
  );
}

/** The browser's own list: it is the best on every device and for every reader. */
export function SelectField({
  label,
  hint,
  error,
  labelHidden = false,
  className,
  children,
  ...rest
}: ComponentProps<'select'> & FieldProps) {
  const id = useId();
  const field = { label, hint, error, labelHidden };
  return (
    <Frame id={id} field={field} className={className}>
      <select id={id} {...described(id, field)} {...rest} className={clsx(control, 'h-8 pr-7')}>
        {children}
      </select>
    </Frame>
  );
}

export function Switch({
  label,
  checked,
  onCheckedChange,
}: {
  label: string;
  checked: boolean;
  onCheckedChange: (checked: boolean) => void;
}) {
  const id = useId();
  return (
    <div className="flex items-center gap-2">
      <SwitchPrimitive.Root
        id={id}
        checked={checked}
        onCheckedChange={onCheckedChange}
        className="h-4.5 w-8 rounded-full bg-line-strong p-0.5 transition-colors data-[state=checked]:bg-accent-ground"
      >
        <SwitchPrimitive.Thumb className="block size-3.5 rounded-full bg-white transition-transform data-[state=checked]:translate-x-3.5" />
      </SwitchPrimitive.Root>
      <label htmlFor={id} className="text-sm">
        {label}
      </label>
    </div>
  );
}

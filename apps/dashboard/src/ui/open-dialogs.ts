import { useEffect, useRef } from 'react';

const open: { readonly close: () => void }[] = [];

/** Has the dialog among those that are open, the latest on top. */
export function useOpenDialog(isOpen: boolean, close: () => void): void {
  const latest = useRef(close);
  useEffect(() => {
    latest.current = close;
  });
  useEffect(() => {
    if (!isOpen) return;
    const entry = { close: () => latest.current() };
    open.push(entry);
    return () => void open.splice(open.indexOf(entry), 1);
  }, [isOpen]);
}

/** Escape while a notice lies over a dialog: it is the dialog that somebody means, for a notice goes by itself. */
export function closeDialogInstead(event: KeyboardEvent): void {
  const top = open.at(-1);
  const menuIsOpen = document.querySelector('[data-radix-popper-content-wrapper]') !== null;
  if (!top || menuIsOpen) return;
  event.preventDefault();
  top.close();
}

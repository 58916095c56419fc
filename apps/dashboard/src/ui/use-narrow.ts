import { useCallback, useState } from 'react';

/** In pixels. Below it a table has room for what matters most. */
const NARROW_BELOW = 768;

/** Whether an element has little room: it, not the window, for there are tables in halves of pages. */
export function useNarrow(): readonly [isNarrow: boolean, measure: (element: HTMLElement | null) => void] {
  const [isNarrow, setIsNarrow] = useState(() => window.innerWidth < NARROW_BELOW);
  const measure = useCallback((element: HTMLElement | null) => {
    if (!element) return;
    const observer = new ResizeObserver(() => setIsNarrow(element.clientWidth < NARROW_BELOW));
    observer.observe(element);
    // At once, so that the first picture is the right one.
    setIsNarrow(element.clientWidth < NARROW_BELOW);
    return () => observer.disconnect();
  }, []);
  return [isNarrow, measure];
}

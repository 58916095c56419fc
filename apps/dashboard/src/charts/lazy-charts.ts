import { lazy } from 'react';

export const StackedBars = lazy(async () => ({ default: (await import('./charts.tsx')).StackedBars }));
export const StackedAreas = lazy(async () => ({ default: (await import('./charts.tsx')).StackedAreas }));
export const Lines = lazy(async () => ({ default: (await import('./charts.tsx')).Lines }));
export const CumulativeLine = lazy(async () => ({ default: (await import('./charts.tsx')).CumulativeLine }));

import type { QuotaStanding } from '@reelgate/core';

/** How a limit stands, for whoever reads headers and no messages. */
export function quotaHeaders({ scopeKind, metric, window, figures }: QuotaStanding): Record<string, string> {
  return {
    'x-reelgate-quota-scope': scopeKind,
    'x-reelgate-quota-metric': metric,
    'x-reelgate-quota-window': window,
    ...(figures && {
      'x-reelgate-quota-limit': figures.limit,
      'x-reelgate-quota-remaining': figures.left,
      ...(figures.resetsAt && {
        'x-reelgate-quota-reset': String(Math.floor(figures.resetsAt.getTime() / 1000)),
      }),
    }),
  };
}

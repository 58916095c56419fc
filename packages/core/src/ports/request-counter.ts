/** So many requests a minute: all of them at once if need be, and then one by one as time gives them back (GCRA). */
export interface RequestBudget {
  /** Whose it is, `key:…` or `team:…`. */
  readonly id: string;
  readonly perMinute: number;
}

/** Where one budget stands. */
export interface BudgetState {
  /** Whole requests that are left. */
  readonly remaining: number;
  /** Milliseconds until all of it is there again. */
  readonly resetMs: number;
  /** Milliseconds until one more request is; 0 where one is left, or was just taken. */
  readonly retryAfterMs: number;
}

export interface RequestCount {
  /** False: one of the budgets had nothing left, and nothing was taken from any. */
  readonly allowed: boolean;
  /** In the order of the budgets. */
  readonly states: readonly BudgetState[];
}

/** Takes one request from every budget at once, or from none. May throw where the count is kept elsewhere. */
export interface RequestCounter {
  take(budgets: readonly RequestBudget[]): Promise<RequestCount>;
}

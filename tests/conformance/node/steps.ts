import { APIError } from 'openai';

export interface Step {
  readonly step: string;
  readonly answer?: unknown;
  readonly error?: unknown;
}

/** Runs steps one after the other and notes what each came to: what the SDK returned, or what it threw. */
export function createSteps() {
  const steps: Step[] = [];

  async function attempt<T>(step: string, act: () => Promise<T>, shown: (result: T) => unknown): Promise<T> {
    const result = await act().catch((cause: unknown) => {
      throw new Error(step, { cause });
    });
    steps.push({ step, answer: shown(result) });
    return result;
  }

  return {
    steps,
    /** A step that must succeed, since later ones need its result. */
    need: <T>(step: string, act: () => Promise<T>, shown: (result: T) => unknown = (result) => result) =>
      attempt(step, act, shown),
    /** A step that is over with its answer, or with its error. */
    async see(step: string, act: () => Promise<unknown>): Promise<void> {
      await attempt(step, act, (result) => result).catch((error: unknown) => {
        steps.push({ step, error: shownError((error as Error).cause) });
      });
    },
  };
}

export function shownError(error: unknown) {
  const { name } = (error as object).constructor;
  if (!(error instanceof APIError)) return { class: name, message: (error as Error).message };
  const { status, type, code, param, message } = error;
  return { class: name, status, type, code, param, message };
}

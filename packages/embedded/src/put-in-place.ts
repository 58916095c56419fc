import { link } from 'node:fs/promises';

/** Gives a file that was written aside its name, in one step. False where that name is taken. */
export async function putInPlace(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** What the person who typed `npm start` sees. */
export interface Terminal {
  line(text?: string): void;
  /** A step that takes noticeable time. */
  step(text: string): void;
  /** Something that serves, and where. */
  part(name: string, where: string): void;
  /** How something is going: one line that changes on a terminal, a line for each change elsewhere. */
  progress(text: string): void;
  error(text: string): void;
}

const nameWidth = 12;
const clearLine = '\r\u001B[2K';

export function createTerminal(
  out: NodeJS.WriteStream = process.stdout,
  err: NodeJS.WriteStream = process.stderr,
): Terminal {
  let shown: string | undefined;

  /** Leaves the changing line as it is and goes on below it. */
  const settle = () => {
    if (shown !== undefined && out.isTTY) out.write('\n');
    shown = undefined;
  };
  const line = (text = '') => {
    settle();
    out.write(`${text}\n`);
  };
  return {
    line,
    step: (text) => line(`  ${text}`),
    part: (name, where) => line(`  ${name.padEnd(nameWidth)}${where}`),
    progress(text) {
      if (text === shown) return;
      out.write(out.isTTY ? `${clearLine}  ${text}` : `  ${text}\n`);
      shown = text;
    },
    error(text) {
      settle();
      err.write(`${text}\n`);
    },
  };
}

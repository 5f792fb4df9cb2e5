import pc from 'picocolors';

export { toSafeText } from '../shared/domain/safe-text.js';

type Paint = (text: string) => string;

/** Whether it is asked for or not, no colour leaves for a pipe: `isTTY` of one is undefined, whatever its type says. */
export function paletteFor(stream: { isTTY?: boolean }): Record<'red' | 'yellow' | 'green' | 'dim' | 'bold', Paint> {
  const noColor = process.env['NO_COLOR'];
  const colour = stream.isTTY === true && (noColor === undefined || noColor === '') && process.env['TERM'] !== 'dumb';
  const { red, yellow, green, dim, bold } = pc.createColors(colour);
  return { red, yellow, green, dim, bold };
}

/** Colours for standard output; plain when it is no terminal or NO_COLOR is set. */
export const paint = paletteFor(process.stdout);
/** Colours for standard error, by the same rule. */
export const paintError = paletteFor(process.stderr);

/** One line of a command's result. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** One line for the person at the terminal, out of the way of a result that is piped on. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

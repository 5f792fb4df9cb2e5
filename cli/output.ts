import pc from 'picocolors';

type Paint = (text: string) => string;

function paletteFor(stream: NodeJS.WriteStream): Record<'red' | 'yellow' | 'green' | 'dim' | 'bold', Paint> {
  const noColor = process.env['NO_COLOR'];
  const colour = stream.isTTY && (noColor === undefined || noColor === '') && process.env['TERM'] !== 'dumb';
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

// Text from messages and files goes to a terminal; control characters could rewrite what it shows.
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** Text from outside, safe to show on one line. */
export function toSafeText(text: string): string {
  return text.replace(control, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

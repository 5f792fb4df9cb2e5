import { readFile } from 'node:fs/promises';
import { InputError } from '../errors.js';

/** Something to send, and where it was read. */
export interface EventInput {
  /** `file`, or `file:line` for JSON lines, or `file[2]` for a list. */
  readonly from: string;
  readonly value: unknown;
}

/** The bytes of a file, or of standard input for `-`. @throws InputError */
export async function readBytes(file: string): Promise<Uint8Array> {
  try {
    if (file !== '-') return await readFile(file);
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Uint8Array)); // stdin without encoding
    return Buffer.concat(chunks);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new InputError(`cannot read ${file} (${code})`, 'name a readable file, or "-" for standard input');
  }
}

/** Events of a file: one JSON object, a JSON list of objects, or one object a line. @throws InputError */
export async function readEvents(file: string): Promise<EventInput[]> {
  const name = file === '-' ? 'stdin' : file;
  const text = Buffer.from(await readBytes(file)).toString('utf8');
  const whole = tryJson(text);
  if (!whole.ok) return readLines(name, text, whole.message);
  if (!Array.isArray(whole.value)) return [{ from: name, value: whole.value }];
  return whole.value.map((value: unknown, index) => ({ from: `${name}[${index}]`, value }));
}

function readLines(name: string, text: string, wholeMessage: string): EventInput[] {
  const lines = text.split('\n').map((line, index) => ({ from: `${name}:${index + 1}`, line: line.trim() }));
  const inputs = lines.filter(({ line }) => line !== '').map(({ from, line }) => ({ from, parsed: tryJson(line) }));
  if (inputs.length === 0) throw new InputError(`${name} is empty`, 'give it one JSON object, a list, or one a line');
  const bad = inputs.find(({ parsed }) => !parsed.ok);
  const [first] = inputs;
  if (bad?.parsed.ok === false) {
    const [from, message] = bad === first ? [name, wholeMessage] : [bad.from, bad.parsed.message];
    throw new InputError(`${from} is not JSON: ${message}`, 'correct it, or send the bytes as they are with --raw');
  }
  return inputs.flatMap(({ from, parsed }) => (parsed.ok ? [{ from, value: parsed.value }] : []));
}

function tryJson(text: string): { ok: true; value: unknown } | { ok: false; message: string } {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (cause) {
    return { ok: false, message: cause instanceof Error ? cause.message : String(cause) };
  }
}

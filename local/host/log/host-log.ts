import type { LogLevel } from '../settings/host-schema.js';

/** One log line. `category` follows the platform: `Host.General`, `Function.<name>`, `Function.<name>.User`, `Worker`. */
export interface LogEntry {
  readonly level: LogLevel;
  readonly category: string;
  readonly message: string;
  readonly invocationId?: string;
}

export type HostLog = (entry: LogEntry) => void;

const ORDER: readonly LogLevel[] = ['trace', 'debug', 'information', 'warning', 'error', 'critical', 'none'];

/** A log that keeps what `logLevel` of host.json lets through; the longest matching category prefix decides. */
export function createLog(
  levels: Readonly<Record<string, LogLevel>>,
  write: (line: string) => void,
  pretty: boolean,
): HostLog {
  return (entry) => {
    if (ORDER.indexOf(entry.level) < ORDER.indexOf(levelOf(entry.category, levels))) return;
    const time = new Date().toISOString();
    write(pretty ? `${time} ${entry.level.padEnd(11)} ${entry.category}: ${entry.message}\n` : toJsonLine(time, entry));
  };
}

function toJsonLine(time: string, entry: LogEntry): string {
  return `${JSON.stringify({ time, ...entry })}\n`;
}

function levelOf(category: string, levels: Readonly<Record<string, LogLevel>>): LogLevel {
  const parts = category.split('.');
  for (let length = parts.length; length > 0; length -= 1) {
    const level = levels[parts.slice(0, length).join('.')];
    if (level) return level;
  }
  return levels['default'] ?? levels['Default'] ?? 'information';
}

/** The text of whatever was thrown, with its stack where there is one. */
export function toErrorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner =
    error instanceof AggregateError ? error.errors.map((cause) => `\n  ${toErrorText(cause)}`).join('') : '';
  return `${error.stack ?? `${error.name}: ${error.message}`}${inner}`;
}

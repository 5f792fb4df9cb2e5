import { CommanderError } from 'commander';
import type { OperatorProblem, OperatorProblemCode, Outcome } from '../shared/contracts/api/operator-problem.js';
import { SettingsError } from '../shared/config/settings.js';
import { RetryableError, TerminalError } from '../shared/ports/errors.js';

/** What the process tells its caller when it ends; documented in docs/runbook.md. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, unreachable: 3, notFound: 4, conflict: 5 } as const;

/** An error that already says what happened and what to do next. */
abstract class GuidedError extends Error {
  abstract readonly exitCode: number;
  constructor(
    message: string,
    readonly next: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The caller gave something that cannot be used. */
export class InputError extends GuidedError {
  override readonly name = 'InputError';
  readonly exitCode = exitCodes.usage;
}

/** What was asked for was tried and did not come out well. */
export class FailedError extends GuidedError {
  override readonly name = 'FailedError';
  readonly exitCode = exitCodes.failed;
}

/** Something this command needs does not answer, or is in the way. */
export class EnvironmentError extends GuidedError {
  override readonly name = 'EnvironmentError';
  readonly exitCode = exitCodes.unreachable;
}

/** A use case said why it did not do what was asked. */
export class OperatorError extends GuidedError {
  override readonly name = 'OperatorError';
  readonly exitCode: number;
  constructor({ code, detail, next }: OperatorProblem) {
    super(detail, next);
    this.exitCode = operatorExitCodes[code];
  }
}

const operatorExitCodes: Record<OperatorProblemCode, number> = {
  'invalid-request': exitCodes.usage,
  'needs-scan': exitCodes.usage,
  'not-found': exitCodes.notFound,
  conflict: exitCodes.conflict,
  changed: exitCodes.conflict,
  'no-registry': exitCodes.failed,
};

/** The value of an outcome. @throws OperatorError */
export function unwrap<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new OperatorError(outcome.problem);
}

/** What to print for an error, and how to end. */
export interface Report {
  readonly message: string;
  readonly next?: string;
  readonly exitCode: number;
}

const reachNext =
  'start the embedded stack with "outport start", or point EVENTHUB, SERVICEBUS and OUTPORT_TABLES at yours';

/** The one door through which every error leaves the program. */
export function toReport(error: unknown): Report {
  if (error instanceof GuidedError) return { message: error.message, next: error.next, exitCode: error.exitCode };
  if (error instanceof CommanderError) {
    // Commander has printed its message; help and version are no errors.
    return { message: '', exitCode: error.exitCode === 0 ? exitCodes.ok : exitCodes.usage };
  }
  if (error instanceof SettingsError) {
    return { message: error.message, next: 'set them, or put them in local.settings.json', exitCode: exitCodes.usage };
  }
  if (error instanceof TerminalError) {
    return { message: error.message, next: 'check names, rights and sizes', exitCode: exitCodes.failed };
  }
  if (error instanceof RetryableError || isConnectionFault(error)) {
    return { message: toText(error), next: reachNext, exitCode: exitCodes.unreachable };
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { message: `unexpected: ${detail}`, next: 'report this as a defect', exitCode: exitCodes.failed };
}

const connectionCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ServiceCommunicationProblem',
  'ServiceCommunicationError',
  'ServiceTimeout',
  'OperationTimeoutError',
]);

function isConnectionFault(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const code = 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && connectionCodes.has(code)) return true;
  return 'cause' in error && isConnectionFault(error.cause);
}

/** The message, with the causes' where it says nothing by itself (aggregates of connection attempts do not). */
function toText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = error instanceof AggregateError ? (error.errors as unknown[]).map(toText).join('; ') : '';
  const own = error.message || inner || error.name;
  return /:\s*$/.test(own) && error.cause !== undefined ? `${own.trimEnd()} ${toText(error.cause)}` : own;
}

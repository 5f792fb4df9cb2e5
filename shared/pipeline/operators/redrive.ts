import type {
  DeadLettersQuery,
  DeadLetterView,
  RedriveRequest,
  RedriveResult,
} from '../../contracts/api/operations.js';
import { type Outcome, refuse, succeed } from '../../contracts/api/operator-problem.js';
import type { DeadLetters, DeadLetterSource } from '../../ports/dead-letters.js';
import { type AuditDeps, recordAudit } from './audit.js';

export interface RedriveDeps extends AuditDeps {
  readonly deadLetters: DeadLetters;
}

/** What the broker gave up on, oldest first. @throws RetryableError */
export async function listDeadLetters(
  query: DeadLettersQuery,
  { deadLetters }: Pick<RedriveDeps, 'deadLetters'>,
): Promise<Outcome<{ items: DeadLetterView[] }>> {
  const source = toSource(query);
  if (source === undefined) return refuseSource();
  const items = await deadLetters.peek(source, query.limit);
  return items ? succeed({ items }) : refuseAbsent(source);
}

/** Send dead letters again under the same ids. @throws RetryableError */
export async function redrive(
  request: RedriveRequest,
  actor: string,
  deps: RedriveDeps,
): Promise<Outcome<RedriveResult>> {
  const source = toSource(request);
  if (source === undefined) return refuseSource();
  const target = toText(source);
  await recordAudit({ actor, action: 'dead-letters.redrive', target, reason: request.reason }, deps);
  const result = await deps.deadLetters.redrive(source, request.limit);
  return result ? succeed(result) : refuseAbsent(source);
}

function toText(source: DeadLetterSource): string {
  return source.kind === 'queue' ? `queue ${source.queue}` : `consumer ${source.consumer}`;
}

function refuseAbsent(source: DeadLetterSource): ReturnType<typeof refuse> {
  const next = 'check the key; applying a registry makes the queues and the channels of its consumers';
  return refuse('not-found', `${toText(source)} has no channel`, next);
}

function toSource({ queue, consumer }: Pick<DeadLettersQuery, 'queue' | 'consumer'>): DeadLetterSource | undefined {
  if (queue !== undefined && consumer === undefined) return { kind: 'queue', queue };
  if (consumer !== undefined && queue === undefined) return { kind: 'consumer', consumer };
  return undefined;
}

function refuseSource(): ReturnType<typeof refuse> {
  return refuse('invalid-request', 'name either a queue or a consumer', 'queue is normalize, evaluate or dispatch');
}

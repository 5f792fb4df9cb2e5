import type { DispatchMessage, EvaluateMessage } from '../contracts/stage-messages.js';
import { decide } from '../domain/decide.js';
import type { Clock } from '../ports/clock.js';
import { RetryableError } from '../ports/errors.js';
import type { Ledger, RecordOutcome } from '../ports/ledger.js';
import type { StageQueues } from '../ports/stage-queues.js';
import type { RegistrySource } from './registry-source.js';

export interface EvaluateDeps {
  readonly ledger: Pick<Ledger, 'record'>;
  readonly queues: Pick<StageQueues, 'toDispatch'>;
  readonly registry: RegistrySource;
  readonly clock: Clock;
}

/** How many verdicts of a batch came out how. */
export interface EvaluateCounts {
  readonly verdicts: number;
  readonly matched: number;
  readonly sameVector: number;
  readonly errors: number;
}

/**
 * Decide every subscription for each signal, store verdicts and pending triggers, then hand pending triggers on.
 * Safe to repeat: what was decided stands. @throws RetryableError
 */
export async function evaluate(messages: readonly EvaluateMessage[], deps: EvaluateDeps): Promise<EvaluateCounts> {
  const registry = await deps.registry.current();
  if (registry === undefined) throw new RetryableError('no registry is in force; run "outport registry apply"');
  const nowMs = deps.clock.nowMs();
  const decisions = messages.flatMap(({ signal }) => decide(signal, registry, nowMs));
  const outcomes = await deps.ledger.record(decisions);
  const pending = outcomes.flatMap(toDispatchMessages);
  if (pending.length > 0) await deps.queues.toDispatch(pending);
  const count = (outcome: string): number => outcomes.filter(({ verdict }) => verdict.outcome === outcome).length;
  return {
    verdicts: outcomes.length,
    matched: count('matched'),
    sameVector: count('same-vector'),
    errors: count('error'),
  };
}

/** Also for a verdict that stood already: an earlier attempt may have died between storing and handing on. */
function toDispatchMessages(outcome: RecordOutcome): DispatchMessage[] {
  if (outcome.kind === 'same-vector' || outcome.entry?.state !== 'pending') return [];
  return [{ kind: 'dispatch', trigger: outcome.entry.trigger, etag: outcome.entry.etag }];
}

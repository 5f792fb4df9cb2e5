import type { BreakerState, PortState } from '../contracts/port-state.js';
import type { CircuitBreaker } from '../contracts/registry.js';
import type { Signal } from '../contracts/signal.js';

const closed: BreakerState = { state: 'closed', failuresInRow: 0, goodInRow: 0 };
export const freshPortState: PortState = { breaker: closed, shadows: {}, counted: [] };

/** Signals remembered to recognise one that comes again; more than a batch. */
const countedKept = 200;

/** What people see of a breaker. */
export type BreakerPhase = 'closed' | 'open' | 'half-open';

/** Open until the cool-down has passed, then half-open until enough good snapshots came. */
export function toBreakerPhase({ state, openedAt }: BreakerState, policy: CircuitBreaker, nowMs: number): BreakerPhase {
  if (state === 'closed' || openedAt === undefined) return 'closed';
  return nowMs < Date.parse(openedAt) + policy.coolDownMinutes * 60_000 ? 'open' : 'half-open';
}

/**
 * Count one signal's quality. A failure in a row too many opens the breaker, a failure while it is half-open opens it
 * anew; `closeAfter` good snapshots in a row while half-open close it. What comes while it is open counts for nothing.
 */
export function advanceBreaker(
  breaker: BreakerState,
  policy: CircuitBreaker,
  { good, at }: { good: boolean; at: string },
): BreakerState {
  const phase = toBreakerPhase(breaker, policy, Date.parse(at));
  if (phase === 'open') return breaker;
  if (!good) {
    const failuresInRow = breaker.failuresInRow + 1;
    if (phase === 'closed' && failuresInRow < policy.failures) return { ...closed, failuresInRow };
    return { state: 'open', failuresInRow, goodInRow: 0, openedAt: at };
  }
  if (phase === 'closed') return closed;
  const goodInRow = breaker.goodInRow + 1;
  return goodInRow >= policy.closeAfter ? closed : { ...breaker, goodInRow };
}

/** What a signal leaves behind in its port's state; the same object when nothing. */
export function advancePort(state: PortState, signal: Signal, policy: CircuitBreaker | undefined): PortState {
  if (state.counted.includes(signal.signalId)) return state;
  const counted = [...state.counted, signal.signalId].slice(-countedKept);
  if (signal.eventType === 'OutputPortContractBreaking') {
    const shadow = { version: signal.outputPortVersion, eventId: signal.eventId, announcedAt: signal.receivedAt };
    return { ...state, counted, shadows: { ...state.shadows, [toMajor(signal.outputPortVersion)]: shadow } };
  }
  const good = toQuality(signal);
  if (policy === undefined || good === undefined) return state;
  return { ...state, counted, breaker: advanceBreaker(state.breaker, policy, { good, at: signal.receivedAt }) };
}

/** The major version, as shadows are kept by. */
export function toMajor(version: string): string {
  return version.split('.', 1)[0] ?? '';
}

/** Whether a signal speaks well of its port's quality; undefined when it says nothing about it. */
function toQuality(signal: Signal): boolean | undefined {
  if (signal.eventType === 'OutputPortQualityFailed') return false;
  if (signal.eventType !== 'OutputPortSnapshotSealed') return undefined;
  return signal.qualityStatus !== 'failed';
}

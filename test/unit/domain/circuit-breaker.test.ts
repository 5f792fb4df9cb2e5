import { describe, expect, it } from 'vitest';
import type { BreakerState } from '../../../shared/contracts/port-state.js';
import { advanceBreaker, advancePort, freshPortState, toBreakerPhase } from '../../../shared/domain/circuit-breaker.js';
import { sealedEvent, signal } from '../../fixtures/events.js';

const policy = { failures: 3, coolDownMinutes: 60, closeAfter: 2 };
const at = (minute: number): string => new Date(Date.UTC(2026, 2, 10) + minute * 60_000).toISOString();

/** Play `bad`, `good` at minutes; the phase after each. */
function play(...steps: [word: 'good' | 'bad', minute: number][]): string[] {
  let breaker: BreakerState = freshPortState.breaker;
  return steps.map(([word, minute]) => {
    breaker = advanceBreaker(breaker, policy, { good: word === 'good', at: at(minute) });
    return toBreakerPhase(breaker, policy, Date.parse(at(minute)));
  });
}

describe('a circuit breaker of 3 failures, an hour and 2 good snapshots', () => {
  it('opens with the third failure in a row, not before', () => {
    expect(play(['bad', 0], ['bad', 1], ['bad', 2])).toEqual(['closed', 'closed', 'open']);
  });

  it('starts counting anew after a good snapshot', () => {
    expect(play(['bad', 0], ['bad', 1], ['good', 2], ['bad', 3], ['bad', 4])).not.toContain('open');
  });

  it('ignores good snapshots while it is open', () => {
    expect(play(['bad', 0], ['bad', 0], ['bad', 0], ['good', 10], ['good', 59]).slice(-2)).toEqual(['open', 'open']);
  });

  it('is half-open from the last minute of the cool-down on, and closes after two good snapshots', () => {
    expect(play(['bad', 0], ['bad', 0], ['bad', 0], ['good', 60], ['good', 61]).slice(-2)).toEqual([
      'half-open',
      'closed',
    ]);
  });

  it('opens anew with the first failure while half-open', () => {
    const phases = play(['bad', 0], ['bad', 0], ['bad', 0], ['good', 60], ['bad', 61], ['good', 120], ['good', 121]);

    expect(phases.slice(-4)).toEqual(['half-open', 'open', 'open', 'half-open']);
  });
});

describe('the state of a port', () => {
  const failed = (eventId: string) =>
    signal(sealedEvent({ eventId, snapshot: { quality: { status: 'failed', ruleset: 'r' } } }));

  it('counts a signal once, however often it comes', () => {
    const once = advancePort(freshPortState, failed('e'), policy);

    expect(once.breaker.failuresInRow).toBe(1);
    expect(advancePort(once, failed('e'), policy)).toBe(once);
  });

  it('counts a quality failure as a failure, a warning as good, a retraction as neither', () => {
    const two = [failed('e1'), { ...failed('e2'), eventType: 'OutputPortQualityFailed' as const }].reduce(
      (state, next) => advancePort(state, next, policy),
      freshPortState,
    );
    const retraction = { ...failed('e3'), eventType: 'OutputPortSnapshotRetracted' as const };
    const warned = signal(sealedEvent({ eventId: 'e4', snapshot: { quality: { status: 'warned', ruleset: 'r' } } }));

    expect(two.breaker.failuresInRow).toBe(2);
    expect(advancePort(two, retraction, policy)).toBe(two);
    expect(advancePort(two, warned, policy).breaker.failuresInRow).toBe(0);
  });

  it('remembers an announced major version', () => {
    const announced = signal(sealedEvent({ eventId: 'e', outputPort: { version: '3.0.0' } }));

    const state = advancePort(freshPortState, { ...announced, eventType: 'OutputPortContractBreaking' }, undefined);

    expect(state.shadows['3']).toMatchObject({ version: '3.0.0', eventId: 'e' });
  });
});

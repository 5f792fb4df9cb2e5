import type { Verdict } from '../../shared/contracts/verdict.js';
import type { Expectation } from './day-file.js';
import type { EndState } from './observe.js';

/**
 * What differs between where an event ended and where it had to; empty when nothing does. A signal that was there from
 * an earlier play of the same day may end as a duplicate: its verdicts still stand and are compared.
 */
export function findMismatches(expected: Expectation, actual: EndState): string[] {
  if (expected.outcome === 'quarantined') {
    if (actual.outcome !== 'quarantined') return [`ended as ${actual.outcome}, not in quarantine`];
    const { reason } = actual.record;
    return reason === expected.reason ? [] : [`quarantined for ${reason}, not for ${expected.reason}`];
  }
  if (actual.outcome === 'quarantined') return [`quarantined for ${actual.record.reason}, not a ${expected.outcome}`];
  if (expected.outcome === 'duplicate') {
    return actual.outcome === 'duplicate' ? [] : ['became a signal of its own, not a duplicate'];
  }
  return compareVerdicts(expected, actual.verdicts);
}

type SignalExpectation = Extract<Expectation, { outcome: 'signal' }>;

function compareVerdicts(expected: SignalExpectation, verdicts: readonly Verdict[]): string[] {
  const wanted = new Map<string, string>([
    ...expected.triggers.map((key) => [key, 'matched'] as const),
    ...expected.sameVector.map((key) => [key, 'same-vector'] as const),
    ...Object.entries(expected.others),
    ...Object.entries(expected.refused).map(([key, codes]) => [key, toRefusal(codes)] as const),
  ]);
  const found = new Map(verdicts.map((verdict) => [verdict.subscription, toText(verdict)]));
  const subscriptions = [...new Set([...wanted.keys(), ...found.keys()])].sort();
  return subscriptions.flatMap((key) => {
    const [want, have] = [wanted.get(key) ?? 'no verdict', found.get(key) ?? 'no verdict'];
    return want === have ? [] : [`${key}: ${have}, not ${want}`];
  });
}

function toText(verdict: Verdict): string {
  return verdict.outcome === 'not-matched' ? toRefusal(refusalCodes(verdict)) : verdict.outcome;
}

function toRefusal(codes: readonly string[]): string {
  return `refused (${[...codes].sort().join(', ')})`;
}

/** Codes of the gates that said no. */
export function refusalCodes(verdict: Verdict): string[] {
  return verdict.gates.filter((gate) => gate.answer === 'fail').map((gate) => gate.code);
}

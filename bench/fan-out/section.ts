import { type Finding, type Section, toSpread } from '../report/finding.js';
import type { Entry } from './contender.js';
import type { FanOutRound } from './measure.js';

/** A system with what its rounds gave. */
export interface EntryRounds {
  readonly entry: Entry;
  readonly rounds: FanOutRound[];
}

/** All systems of a run, each with its ratios to Outport's tuned rounds of the same numbers. */
export function toFanOutSection(measured: readonly EntryRounds[]): Section {
  const ours = measured.find(({ entry }) => entry.system === 'Outport' && entry.settings === 'tuned')?.rounds;
  return {
    title: 'the same work on other queues',
    about:
      'validate, keep one row per event, drop copies by id, hand to three consumers; ' +
      'every receipt is checked; ratios are Outport, tuned, over the other',
    findings: measured.flatMap((one) => toFindings(one, ours)),
  };
}

function toFindings({ entry, rounds }: EntryRounds, ours: readonly FanOutRound[] | undefined): Finding[] {
  const name = `${entry.system}, ${entry.settings} (${entry.durability.split(/[;:(]/, 1)[0]?.trim() ?? ''})`;
  const spread = (of: keyof FanOutRound) => toSpread(rounds.map((round) => round[of]));
  const own: Finding[] = [
    { what: `${name}: drained`, unit: 'events/s', value: spread('eventsPerSecond') },
    { what: `${name}: processor time per event`, unit: 'us', value: spread('cpuUs') },
    { what: `${name}: one event alone`, unit: 'ms', value: spread('aloneMs') },
  ];
  if (ours === undefined || ours === rounds) return own;
  const ratio = (of: keyof FanOutRound) =>
    toSpread(rounds.map((round, index) => (ours[index]?.[of] ?? Number.NaN) / round[of]));
  return [
    ...own,
    { what: `${name}: Outport's rate against it`, unit: 'x', value: ratio('eventsPerSecond') },
    { what: `${name}: Outport's processor time against it`, unit: 'x', value: ratio('cpuUs') },
    { what: `${name}: Outport's time for one event against it`, unit: 'x', value: ratio('aloneMs') },
  ];
}

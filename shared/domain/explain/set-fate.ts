import type { InputSet } from '../../contracts/input-set.js';
import type { Verdict } from '../../contracts/verdict.js';

/** What became since of a set that an input waited in, for people; undefined when it waits still. */
export function toSetFate(
  { signalId, decidedAt }: Pick<Verdict, 'signalId' | 'decidedAt'>,
  { fired, cleared, members }: InputSet,
): string | undefined {
  if (fired) {
    const { triggerId, at, released } = fired;
    if (released === undefined) return `Its set fired at ${at} as trigger ${triggerId}.`;
    return `${released.by} released its set at ${at} as trigger ${triggerId}: ${released.reason}`;
  }
  const counts = members.some(({ part }) => part.signalId === signalId);
  if (counts || cleared === undefined || Date.parse(cleared.at) < Date.parse(decidedAt)) return undefined;
  const { at, by, reason } = cleared;
  return `${by} cleared its set at ${at}: ${reason}; it counts again when it is replayed or sealed by another event.`;
}

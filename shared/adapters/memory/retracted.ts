import type { Trigger } from '../../contracts/trigger.js';
import { isUnsent, type LedgerEntry, mayHaveLeft, type Retracted } from '../../ports/ledger.js';

type Entries = ReadonlyMap<string, LedgerEntry>;

/** Whether a trigger has not left and can be withdrawn. */
export function isOpen(entry: LedgerEntry): boolean {
  return isUnsent(entry) || entry.state === 'held' || entry.state === 'refused';
}

/** What a retraction answers for the triggers it met, once the open ones are withdrawn. */
export function toRetracted(met: readonly LedgerEntry[], entries: Entries): Retracted {
  const sent = met.filter(mayHaveLeft).flatMap((entry) => toCarrier(entry, entries) ?? []);
  return { withdrawn: met.filter(({ state }) => state === 'withdrawn').map(({ trigger }) => trigger), sent };
}

function toCarrier(entry: LedgerEntry, entries: Entries): Trigger | undefined {
  let current: LedgerEntry | undefined = entry;
  while (current?.state === 'absorbed') current = entries.get(current.absorbedInto ?? '');
  return current && mayHaveLeft(current) ? current.trigger : undefined;
}

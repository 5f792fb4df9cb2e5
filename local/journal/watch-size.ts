import type { Journal } from './journal.js';
import type { JournalRecord } from './record.js';

/**
 * Gives what to call now and then: it rewrites a journal of at least so many bytes that has tripled since it was opened or
 * rewritten, so that most of it is history. A failed attempt is repeated only when the journal has grown again.
 */
export function watchSize(journal: Journal, fromBytes: number, records: () => Iterable<JournalRecord>): () => void {
  const toLimit = (): number => Math.max(fromBytes, 3 * journal.sizeBytes());
  let limit = toLimit();
  const goOn = (): void => void (limit = toLimit());
  return () => {
    if (journal.sizeBytes() < limit) return;
    limit = Infinity;
    journal.compact(records()).then(goOn, goOn);
  };
}

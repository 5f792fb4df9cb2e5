import type { Journal } from './journal.js';
import type { JournalRecord } from './record.js';

/**
 * Gives what to call now and then: it rewrites a journal of at least so many bytes when most of it is history. A failed
 * attempt is repeated only when the journal has grown again.
 */
export function watchSize(journal: Journal, fromBytes: number, records: () => Iterable<JournalRecord>): () => void {
  let limit = Math.max(fromBytes, 3 * journal.sizeBytes());
  const goOn = (): void => {
    limit = Math.max(fromBytes, 3 * journal.sizeBytes());
  };
  return () => {
    if (journal.sizeBytes() < limit) return;
    limit = Infinity;
    journal.compact(records()).then(goOn, goOn);
  };
}

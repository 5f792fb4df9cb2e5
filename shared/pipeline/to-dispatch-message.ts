import type { DispatchMessage } from '../contracts/stage-messages.js';
import type { LedgerEntry } from '../ports/ledger.js';

/** What hands a pending trigger on; the etag spares dispatch a read. */
export function toDispatchMessage({ trigger, etag }: LedgerEntry): DispatchMessage {
  return { kind: 'dispatch', trigger, etag };
}

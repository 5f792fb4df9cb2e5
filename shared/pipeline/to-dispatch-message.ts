import type { DispatchMessage } from '../contracts/stage-messages.js';
import { toOutgoingTrigger } from '../domain/outgoing-trigger.js';
import type { LedgerEntry } from '../ports/ledger.js';

/** Characters of a body that travels along. A text in a JSON text grows with each of its quotes; a queue takes 256 KB. */
const longestBody = 50_000;

/** What hands a pending trigger on; the etag spares dispatch a read. */
export function toDispatchMessage({ trigger, etag }: Pick<LedgerEntry, 'trigger' | 'etag'>): DispatchMessage {
  const outgoing = toOutgoingTrigger(trigger);
  if (outgoing.body.length <= longestBody) return { kind: 'dispatch', trigger: outgoing, etag };
  const { body: _stays, ...heading } = outgoing;
  return { kind: 'dispatch', trigger: heading, etag };
}

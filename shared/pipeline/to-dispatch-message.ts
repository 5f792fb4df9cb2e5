import type { DispatchMessage } from '../contracts/stage-messages.js';
import { toOutgoingTrigger } from '../domain/outgoing-trigger.js';
import type { LedgerEntry } from '../ports/ledger.js';

/** Characters of a body that travels along. A text in a JSON text grows with each of its quotes; a queue takes 256 KB. */
const longestBody = 50_000;

/** What hands an unsent trigger on. The etag of a pending one spares dispatch a read; of another it would hide a lease. */
export function toDispatchMessage({
  trigger,
  state,
  unsentPage,
  etag,
}: Pick<LedgerEntry, 'trigger' | 'state' | 'unsentPage' | 'etag'>): DispatchMessage {
  const outgoing = toOutgoingTrigger(trigger, unsentPage);
  const known = state === 'pending' ? { etag } : {};
  if (outgoing.body.length <= longestBody) return { kind: 'dispatch', trigger: outgoing, ...known };
  const { body: _stays, ...heading } = outgoing;
  return { kind: 'dispatch', trigger: heading, ...known };
}

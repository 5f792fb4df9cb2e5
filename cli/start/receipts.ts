import type { ReceiptStatus } from '../../shared/contracts/events/trigger-receipt.js';
import type { Ledger } from '../../shared/ports/ledger.js';
import { type PlayedStep, waitFor } from './play-day.js';

/** What a consumer reported about one message of the day. */
export interface TriggerReceipts extends MessageMade {
  readonly statuses: readonly ReceiptStatus[];
}

/** A message that consumers get for the day's signals. */
export interface MessageMade {
  readonly kind: 'trigger' | 'revocation';
  readonly triggerId: string;
  readonly consumer: string;
}

/** Triggers and revocations that the played signals made, with their consumers. */
export function toMessagesMade(played: readonly PlayedStep[]): MessageMade[] {
  const verdicts = played.flatMap(({ end }) =>
    end === undefined || end.outcome === 'quarantined' ? [] : end.verdicts,
  );
  const made = verdicts.flatMap(({ outcome, triggerId, consumer }): MessageMade[] => {
    if (triggerId === undefined) return [];
    if (outcome === 'retracted') return [{ kind: 'revocation', triggerId, consumer }];
    return outcome === 'matched' ? [{ kind: 'trigger', triggerId, consumer }] : [];
  });
  return [...new Map(made.map((message) => [message.triggerId, message])).values()];
}

/** Wait until every trigger has the receipts its consumer reports; what is missing then is left out. */
export async function collectReceipts(
  played: readonly PlayedStep[],
  wanted: readonly ReceiptStatus[],
  options: { ledger: Pick<Ledger, 'listReceipts'>; timeoutMs: number; signal: AbortSignal },
): Promise<TriggerReceipts[]> {
  const messages = toMessagesMade(played);
  const read = (): Promise<TriggerReceipts[]> =>
    Promise.all(
      messages.map(async ({ kind, triggerId, consumer }) => {
        const receipts = await options.ledger.listReceipts(triggerId);
        return { kind, triggerId, consumer, statuses: receipts.map(({ status }) => status) };
      }),
    );
  const complete = (all: readonly TriggerReceipts[]): boolean =>
    all.every(({ kind, statuses }) => toWanted(kind, wanted).every((status) => statuses.includes(status)));
  const collected = await waitFor(async () => {
    const all = await read();
    return complete(all) ? all : undefined;
  }, options);
  return collected ?? read();
}

/** A revocation starts no job: that it was accepted is all a consumer says. */
function toWanted(kind: MessageMade['kind'], wanted: readonly ReceiptStatus[]): readonly ReceiptStatus[] {
  return kind === 'trigger' ? wanted : wanted.filter((status) => status === 'accepted');
}

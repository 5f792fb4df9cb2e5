import type { ReceiptStatus } from '../../shared/contracts/events/trigger-receipt.js';
import type { Ledger } from '../../shared/ports/ledger.js';
import { type PlayedStep, waitFor } from './play-day.js';

/** What a consumer reported about one trigger of the day. */
export interface TriggerReceipts {
  readonly triggerId: string;
  readonly consumer: string;
  readonly statuses: readonly ReceiptStatus[];
}

/** Triggers that the played signals made, with their consumers. */
export function toTriggersMade(played: readonly PlayedStep[]): { triggerId: string; consumer: string }[] {
  const matched = played
    .flatMap(({ end }) => (end === undefined || end.outcome === 'quarantined' ? [] : end.verdicts))
    .filter((verdict) => verdict.outcome === 'matched');
  return [...new Map(matched.map(({ triggerId = '', consumer }) => [triggerId, { triggerId, consumer }])).values()];
}

/** Wait until every trigger has the receipts its consumer reports; what is missing then is left out. */
export async function collectReceipts(
  played: readonly PlayedStep[],
  wanted: readonly ReceiptStatus[],
  options: { ledger: Pick<Ledger, 'listReceipts'>; timeoutMs: number; signal: AbortSignal },
): Promise<TriggerReceipts[]> {
  const triggers = toTriggersMade(played);
  const read = (): Promise<TriggerReceipts[]> =>
    Promise.all(
      triggers.map(async (trigger) => {
        const receipts = await options.ledger.listReceipts(trigger.triggerId);
        return { ...trigger, statuses: receipts.map(({ status }) => status) };
      }),
    );
  const complete = (all: readonly TriggerReceipts[]): boolean =>
    all.every(({ statuses }) => wanted.every((status) => statuses.includes(status)));
  const collected = await waitFor(async () => {
    const all = await read();
    return complete(all) ? all : undefined;
  }, options);
  return collected ?? read();
}

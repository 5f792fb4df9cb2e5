import type { TriggerReceipt } from '../contracts/events/trigger-receipt.js';
import type { QuarantineReason } from '../contracts/problem.js';
import type { QuarantineRecord } from '../contracts/quarantine-record.js';
import type { NormalizeMessage } from '../contracts/stage-messages.js';
import type { Clock } from '../ports/clock.js';
import type { Receipt } from '../contracts/receipt.js';
import type { Ledger } from '../ports/ledger.js';

export type ReceiptMessage = NormalizeMessage & { event: TriggerReceipt };

interface Deps {
  readonly ledger: Pick<Ledger, 'get' | 'addReceipt'>;
  readonly clock: Clock;
}

/**
 * Keep each receipt with its trigger; a receipt for an unknown trigger, or from somebody else's consumer, is refused.
 * @throws RetryableError
 */
export async function recordReceipts(
  messages: readonly ReceiptMessage[],
  deps: Deps,
): Promise<{ recorded: number; refused: QuarantineRecord[] }> {
  const results = await Promise.all(messages.map((message) => recordReceipt(message, deps)));
  const refused = results.filter((result) => result !== undefined);
  return { recorded: messages.length - refused.length, refused };
}

async function recordReceipt(message: ReceiptMessage, { ledger, clock }: Deps): Promise<QuarantineRecord | undefined> {
  const { event } = message;
  const entry = await ledger.get(event.triggerId);
  if (entry === undefined) {
    return toRefused(message, clock, ['unknown-trigger', 'triggerId', 'no trigger with this id was ever decided']);
  }
  if (entry.trigger.consumer !== event.consumer) {
    return toRefused(message, clock, [
      'receipt-not-owner',
      'consumer',
      `this trigger is for ${entry.trigger.consumer}`,
    ]);
  }
  await ledger.addReceipt(toReceipt(message));
  return undefined;
}

function toReceipt({ event, receivedAt }: ReceiptMessage): Receipt {
  const { triggerId, eventId, consumer, status, occurredAt, runId, message } = event;
  return {
    triggerId,
    eventId,
    consumer,
    status,
    occurredAt,
    receivedAt,
    ...(runId !== undefined && { runId }),
    ...(message !== undefined && { message }),
  };
}

function toRefused(
  { event, origin, receivedAt }: ReceiptMessage,
  clock: Clock,
  [reason, path, message]: [QuarantineReason, string, string],
): QuarantineRecord {
  return {
    reason,
    problems: [{ path, message }],
    bodyBase64: Buffer.from(JSON.stringify(event)).toString('base64'),
    origin,
    receivedAt,
    quarantinedAt: new Date(clock.nowMs()).toISOString(),
    eventId: event.eventId,
    eventType: event.eventType,
    producer: event.consumer,
  };
}

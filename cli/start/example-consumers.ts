import type { ServiceBusClient } from '@azure/service-bus';
import type { Publisher } from '../../shared/adapters/event-hubs/publisher.js';
import type { ReceiptStatus } from '../../shared/contracts/events/trigger-receipt.js';
import { receiveTriggers } from '../consume/trigger-receiver.js';

/** Receipts that the example's consumers report. */
export const exampleReceipts: readonly ReceiptStatus[] = ['accepted', 'succeeded'];

/** Receivers that play the consumers of the example. */
export interface ExampleConsumers {
  /** Every trigger handed over, in order, also when the same came twice. */
  readonly received: readonly string[];
  /** Rejects when a receiver fails. */
  readonly running: Promise<unknown>;
  stop(): Promise<void>;
}

export interface ExampleConsumersOptions {
  readonly client: ServiceBusClient;
  readonly topic: string;
  readonly publisher: Publisher;
  readonly consumers: readonly string[];
}

/** Receive for every consumer, report receipts, until stopped. */
export function startExampleConsumers(options: ExampleConsumersOptions): ExampleConsumers {
  const { client, topic, publisher } = options;
  const end = new AbortController();
  const received: string[] = [];
  const running = Promise.all(
    options.consumers.map((consumer) =>
      receiveTriggers(
        {
          client,
          topic,
          consumer,
          publisher,
          receipts: exampleReceipts,
          onTrigger: ({ triggerId }) => received.push(triggerId),
        },
        { signal: end.signal },
      ),
    ),
  );
  // Seen by whoever awaits `running`; until then a failure must not end the process as unhandled.
  running.catch(() => undefined);
  return {
    received,
    running,
    stop: async () => {
      end.abort();
      await Promise.allSettled([running]);
    },
  };
}

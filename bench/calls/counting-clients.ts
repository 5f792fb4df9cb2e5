import type { TableServiceClientOptions } from '@azure/data-tables';
import { ServiceBusClient, type ServiceBusSender } from '@azure/service-bus';

/** Requests a run has made so far, and the messages they carried. */
export interface Tally {
  tableRequests: number;
  sends: number;
  sentMessages: number;
  sentBytes: number;
}

export function newTally(): Tally {
  return { tableRequests: 0, sends: 0, sentMessages: 0, sentBytes: 0 };
}

type Policies = NonNullable<TableServiceClientOptions['additionalPolicies']>;

/** Has a table client count every HTTP request, retries included. */
export function countingRequests(tally: Tally): Policies {
  const policy: Policies[number]['policy'] = {
    name: 'countRequests',
    sendRequest: (request, next) => {
      tally.tableRequests += 1;
      return next(request);
    },
  };
  return [{ policy, position: 'perRetry' }];
}

/** A client whose senders count what they send. */
export class CountingServiceBusClient extends ServiceBusClient {
  /** Messages sent to each entity so far. */
  readonly sentTo = new Map<string, number>();
  readonly #tally: Tally;

  constructor(connectionString: string, tally: Tally) {
    super(connectionString);
    this.#tally = tally;
  }

  override createSender(entity: string): ServiceBusSender {
    const sender = super.createSender(entity);
    const tally = this.#tally;
    const { sentTo } = this;
    const sendMessages = sender.sendMessages.bind(sender);
    return Object.assign(sender, {
      sendMessages: (...args: Parameters<ServiceBusSender['sendMessages']>) => {
        const [messages] = args;
        const isBatch = 'sizeInBytes' in messages;
        const count = isBatch ? messages.count : Array.isArray(messages) ? messages.length : 1;
        tally.sends += 1;
        tally.sentMessages += count;
        sentTo.set(entity, (sentTo.get(entity) ?? 0) + count);
        tally.sentBytes += isBatch ? messages.sizeInBytes : 0;
        return sendMessages(...args);
      },
    });
  }
}

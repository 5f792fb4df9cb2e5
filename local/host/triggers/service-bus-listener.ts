import type { ServiceBusClient, ServiceBusReceiver } from '@azure/service-bus';
import { toErrorText } from '../log/host-log.js';
import { cardinalityOf } from './function-definition.js';
import type { Listener, ListenerContext } from './listener.js';
import { receiveBatch, repeatUntil } from './receive-loop.js';
import { createClient, openReceiver, toEntity } from './service-bus-clients.js';
import { ServiceBusDispatcher } from './service-bus-dispatch.js';
import { ServiceBusSessions } from './service-bus-sessions.js';

const IDLE_WAIT_MS = 60_000;

/** The Service Bus trigger of one function, queue or subscription, on the real client. */
export class ServiceBusListener implements Listener {
  readonly #context: ListenerContext;
  readonly #dispatcher: ServiceBusDispatcher;
  readonly #stopping = new AbortController();
  readonly #singles = new Set<Promise<void>>();
  #client: ServiceBusClient | undefined;
  #receiver: ServiceBusReceiver | undefined;
  #loops: readonly Promise<void>[] = [];
  #stopSubscription: (() => Promise<void>) | undefined;

  constructor(context: ListenerContext) {
    this.#context = context;
    this.#dispatcher = new ServiceBusDispatcher(context);
  }

  async start(): Promise<void> {
    const { definition, settings, host } = this.#context;
    const client = await createClient(definition, settings, host.extensions.serviceBus);
    this.#client = client;
    if (this.#stopping.signal.aborted) return;
    if (definition.trigger['isSessionsEnabled'] === true) {
      this.#loops = new ServiceBusSessions(this.#context, client, this.#stopping.signal).start();
    } else if (cardinalityOf(definition) === 'many') {
      // Batches get no lock renewal on the platform: the whole batch must be done within the entity's lock duration.
      this.#receiver = openReceiver(client, toEntity(definition), 0);
      this.#loops = [this.#receiveBatches(this.#receiver)];
    } else {
      this.#receiver = openReceiver(
        client,
        toEntity(definition),
        host.extensions.serviceBus.maxAutoLockRenewalDuration,
      );
      this.#subscribe(this.#receiver);
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#stopSubscription?.();
    await Promise.allSettled([...this.#loops, ...this.#singles]);
    await this.#receiver?.close();
    await this.#client?.close();
  }

  #receiveBatches(receiver: ServiceBusReceiver): Promise<void> {
    const { signal } = this.#stopping;
    const options = this.#context.host.extensions.serviceBus;
    return repeatUntil(signal, this.#context, async () => {
      const batch = await receiveBatch(receiver, options, { firstWaitMs: IDLE_WAIT_MS, signal });
      if (batch.length > 0) await this.#dispatcher.batch(receiver, batch);
    });
  }

  #subscribe(receiver: ServiceBusReceiver): void {
    const { definition, log, host } = this.#context;
    const subscription = receiver.subscribe(
      {
        processMessage: (message) => this.#track(this.#dispatcher.single(receiver, message)),
        processError: async ({ error, errorSource }) => {
          if (this.#stopping.signal.aborted) return;
          const message = `${definition.name}: ${errorSource}: ${toErrorText(error)}`;
          log({ level: 'warning', category: 'Host.ServiceBus', message });
        },
      },
      { autoCompleteMessages: false, maxConcurrentCalls: host.extensions.serviceBus.maxConcurrentCalls },
    );
    this.#stopSubscription = () => subscription.close();
  }

  async #track(work: Promise<void>): Promise<void> {
    this.#singles.add(work);
    try {
      await work;
    } finally {
      this.#singles.delete(work);
    }
  }
}

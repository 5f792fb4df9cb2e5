import type { ServiceBusClient, ServiceBusSessionReceiver } from '@azure/service-bus';
import { cardinalityOf } from './function-definition.js';
import type { ListenerContext } from './listener.js';
import { receiveBatch, repeatUntil } from './receive-loop.js';
import { acceptNextSession, toEntity } from './service-bus-clients.js';
import { ServiceBusDispatcher } from './service-bus-dispatch.js';

/** The SDK takes no second receive on one session, so a concurrent session reads as many messages as it may run. */
const SINGLE_BATCH = { minMessageBatchSize: 1, maxBatchWaitTime: 0 };

/**
 * A trigger with `isSessionsEnabled`: sessions are locked, drained until idle for `sessionIdleTimeout`, released.
 *
 * Batches handle one session at a time; single messages up to `maxConcurrentSessions` at once.
 */
export class ServiceBusSessions {
  readonly #context: ListenerContext;
  readonly #dispatcher: ServiceBusDispatcher;
  readonly #client: ServiceBusClient;
  readonly #signal: AbortSignal;
  readonly #stopped: Promise<undefined>;

  constructor(context: ListenerContext, client: ServiceBusClient, signal: AbortSignal) {
    this.#context = context;
    this.#dispatcher = new ServiceBusDispatcher(context);
    this.#client = client;
    this.#signal = signal;
    this.#stopped = new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
  }

  /** Start the loops; each promise ends after the signal. */
  start(): Promise<void>[] {
    const { host, definition } = this.#context;
    const count = cardinalityOf(definition) === 'many' ? 1 : host.extensions.serviceBus.maxConcurrentSessions;
    return Array.from({ length: count }, () => repeatUntil(this.#signal, this.#context, () => this.#nextSession()));
  }

  async #nextSession(): Promise<void> {
    const session = await this.#accept();
    if (!session) return;
    try {
      await this.#drain(session);
    } finally {
      await session.close();
    }
  }

  /** Undefined when no session has messages, or when the host stops: a pending accept cannot be called off. */
  async #accept(): Promise<ServiceBusSessionReceiver | undefined> {
    const { definition, host } = this.#context;
    // Batches get no renewal on the platform, with sessions as without.
    const renewalMs = cardinalityOf(definition) === 'many' ? 0 : host.extensions.serviceBus.maxAutoLockRenewalDuration;
    const accepting = acceptNextSession(this.#client, toEntity(definition), renewalMs);
    try {
      const session = await Promise.race([accepting, this.#stopped]);
      if (!session) void accepting.then((late) => late.close()).catch(() => 'the client is closing anyway');
      return session;
    } catch (error) {
      if (isNoSession(error)) return undefined;
      throw error;
    }
  }

  async #drain(session: ServiceBusSessionReceiver): Promise<void> {
    const options = this.#context.host.extensions.serviceBus;
    const many = cardinalityOf(this.#context.definition) === 'many';
    const limits = { ...SINGLE_BATCH, maxMessageBatchSize: options.maxConcurrentCallsPerSession };
    const wait = { firstWaitMs: options.sessionIdleTimeout, signal: this.#signal };
    while (!this.#signal.aborted) {
      const batch = await receiveBatch(session, many ? options : { ...options, ...limits }, wait);
      if (batch.length === 0) return;
      if (many) await this.#dispatcher.batch(session, batch);
      else await Promise.all(batch.map((message) => this.#dispatcher.single(session, message)));
    }
  }
}

function isNoSession(error: unknown): boolean {
  const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
  return errors.every((one) => one instanceof Error && 'code' in one && one.code === 'ServiceTimeout');
}

import type { ServiceBusClient, ServiceBusSessionReceiver } from '@azure/service-bus';
import { cardinalityOf } from './function-definition.js';
import type { ListenerContext } from './listener.js';
import { receiveBatch, repeatUntil } from './receive-loop.js';
import { acceptNextSession, toEntity } from './service-bus-clients.js';
import { dispatchBatch, dispatchSingle } from './service-bus-dispatch.js';

/** The SDK takes no second receive on one session, so a concurrent session reads as many messages as it may run. */
const SINGLE_BATCH = { minMessageBatchSize: 1, maxBatchWaitTime: 0 };

/**
 * A trigger with `isSessionsEnabled`: sessions are locked, drained until idle for `sessionIdleTimeout`, released.
 *
 * Batches handle one session at a time; single messages up to `maxConcurrentSessions` at once.
 */
export class ServiceBusSessions {
  readonly #context: ListenerContext;
  readonly #client: ServiceBusClient;
  readonly #signal: AbortSignal;

  constructor(context: ListenerContext, client: ServiceBusClient, signal: AbortSignal) {
    this.#context = context;
    this.#client = client;
    this.#signal = signal;
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

  async #accept(): Promise<ServiceBusSessionReceiver | undefined> {
    const renewalMs = this.#context.host.extensions.serviceBus.maxAutoLockRenewalDuration;
    try {
      const entity = toEntity(this.#context.definition);
      return await acceptNextSession(this.#client, entity, { renewalMs, signal: this.#signal });
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
      if (many) await dispatchBatch(this.#context, session, batch);
      else await Promise.all(batch.map((message) => dispatchSingle(this.#context, session, message)));
    }
  }
}

function isNoSession(error: unknown): boolean {
  const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
  return errors.every((one) => one instanceof Error && 'code' in one && one.code === 'ServiceTimeout');
}

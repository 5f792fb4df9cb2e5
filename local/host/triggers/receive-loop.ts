import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import { toErrorText } from '../log/host-log.js';
import type { ServiceBusSettings } from '../settings/host-schema.js';
import type { ListenerContext } from './listener.js';
import { pause } from './retry-policy.js';

/**
 * The SDK may linger a second after a first message, so the rest is asked for apart and without waiting: the receiver's
 * drain, which ends that second receive, brings everything that was ready.
 */
const GATHER_MS = 1;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Receive a batch: wait up to `firstWaitMs` for a first message, then take what is ready, up to `maxMessageBatchSize`.
 *
 * With a minimum above 1 it goes on for at most `maxBatchWaitTime`. Empty when nothing came.
 */
export async function receiveBatch(
  receiver: ServiceBusReceiver,
  options: ServiceBusSettings,
  wait: { readonly firstWaitMs: number; readonly signal: AbortSignal },
): Promise<ServiceBusReceivedMessage[]> {
  const { maxMessageBatchSize, minMessageBatchSize, maxBatchWaitTime } = options;
  const receive = (count: number, waitMs: number): Promise<ServiceBusReceivedMessage[]> =>
    receiver.receiveMessages(count, { maxWaitTimeInMs: waitMs, abortSignal: wait.signal });
  const batch = await receive(1, wait.firstWaitMs);
  if (batch.length === 0) return batch;
  const giveUpAt = Date.now() + maxBatchWaitTime;
  const minimum = Math.min(minMessageBatchSize, maxMessageBatchSize);
  const gather = async (waitMs: number): Promise<void> => {
    batch.push(...(await receive(maxMessageBatchSize - batch.length, waitMs)));
  };
  try {
    if (batch.length < maxMessageBatchSize) await gather(GATHER_MS);
    while (batch.length < minimum && Date.now() < giveUpAt) await gather(Math.max(1, giveUpAt - Date.now()));
  } catch (error) {
    // What is locked already must be handled; if the trouble lasts, the next first receive reports it.
    if (!(error instanceof Error)) throw error;
  }
  return batch;
}

/**
 * Call `step` until the signal ends it. A step that throws is logged and tried again after a growing pause: receivers
 * outlive the weather on the wire.
 */
export async function repeatUntil(
  signal: AbortSignal,
  context: ListenerContext,
  step: () => Promise<void>,
): Promise<void> {
  let pauseMs = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    try {
      await step();
      pauseMs = FIRST_PAUSE_MS;
    } catch (error) {
      if (signal.aborted) return;
      const message = `${context.definition.name}: receiving failed, next try in ${pauseMs} ms: ${toErrorText(error)}`;
      context.log({ level: 'warning', category: 'Host.ServiceBus', message });
      await pause(pauseMs, signal);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }
}

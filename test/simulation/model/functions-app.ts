import type {
  EventHubTriggerOptions,
  RetryOptions,
  ServiceBusQueueFunctionOptions,
  TimerFunctionOptions,
} from '@azure/functions';
import type { Binding, RegisteredFunction } from './host.js';

type Handler = RegisteredFunction['handler'];

/** What an entry point registers itself with; takes the place of the library's `app`. */
export interface FunctionsApp {
  eventHub(name: string, options: EventHubTriggerOptions & { retry?: RetryOptions; handler: unknown }): void;
  serviceBusQueue(name: string, options: ServiceBusQueueFunctionOptions): void;
  timer(name: string, options: TimerFunctionOptions): void;
}

/** An app that keeps registrations in a map, the way the platform indexes them. */
export function createFunctionsApp(functions: Map<string, RegisteredFunction>): FunctionsApp {
  const add = (name: string, binding: Binding, handler: unknown): void => {
    functions.set(name, { name, binding, handler: handler as Handler }); // each kind of handler takes (payload, context)
  };
  return {
    eventHub: (name, options) => add(name, { kind: 'hub', retry: toRetry(options.retry) }, options.handler),
    serviceBusQueue: (name, options) =>
      add(name, { kind: 'queue', queue: toQueue(options.queueName) }, options.handler),
    timer: (name, options) => add(name, { kind: 'timer' }, options.handler),
  };
}

/** The platform retries only what asks for it; without a policy a batch that threw counts as done. */
function toRetry(retry: RetryOptions | undefined): Extract<Binding, { kind: 'hub' }>['retry'] {
  if (retry === undefined) return undefined;
  if (retry.strategy === 'fixedDelay') {
    const delayMs = toMs(retry.delayInterval);
    return { maxRetryCount: retry.maxRetryCount, minimumMs: delayMs, maximumMs: delayMs };
  }
  const { maxRetryCount, minimumInterval, maximumInterval } = retry;
  return { maxRetryCount, minimumMs: toMs(minimumInterval), maximumMs: toMs(maximumInterval) };
}

function toMs(
  duration: { hours?: number; minutes?: number; seconds?: number; milliseconds?: number } | number,
): number {
  if (typeof duration === 'number') return duration;
  const { hours = 0, minutes = 0, seconds = 0, milliseconds = 0 } = duration;
  return ((hours * 60 + minutes) * 60 + seconds) * 1_000 + milliseconds;
}

/** `%OUTPORT_QUEUE_NORMALIZE%` is the queue `normalize` by default. */
function toQueue(queueName: string): string {
  const name = /^%OUTPORT_QUEUE_([A-Z]+)%$/.exec(queueName)?.[1];
  if (name === undefined) throw new Error(`${queueName} names no queue setting`);
  return name.toLowerCase();
}

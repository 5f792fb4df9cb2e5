import type { InvocationContext, ServiceBusQueueFunctionOptions } from '@azure/functions';
import type { StageMessage } from '../shared/contracts/stage-messages.js';
import { type Parse, runBatch } from '../shared/pipeline/batch-driver.js';
import type { Compose, Composition } from './compose.js';
import { addUp, toLogLine } from './log-line.js';

export interface QueueApp {
  serviceBusQueue(name: string, options: ServiceBusQueueFunctionOptions): void;
}

interface StageFunction<M extends StageMessage> {
  readonly name: M['kind'];
  readonly queueName: string;
  readonly parse: Parse<M>;
  readonly handle: (messages: readonly M[], deps: Composition) => Promise<object>;
}

/** Register one queue function whose batches the driver owns: a failing message never takes its neighbours with it. */
export function registerStage<M extends StageMessage>(app: QueueApp, compose: Compose, stage: StageFunction<M>): void {
  app.serviceBusQueue(stage.name, {
    connection: 'SERVICEBUS',
    queueName: stage.queueName,
    cardinality: 'many',
    handler: async (delivered: unknown, context: InvocationContext) =>
      handleStage(stage, delivered, context, await compose()),
  });
}

async function handleStage<M extends StageMessage>(
  stage: StageFunction<M>,
  delivered: unknown,
  context: InvocationContext,
  deps: Composition,
): Promise<void> {
  const results: object[] = [];
  const batch = {
    queue: stage.name,
    delivered: Array.isArray(delivered) ? delivered : [delivered],
    parse: stage.parse,
    handle: async (messages: readonly M[]) => results.push(await stage.handle(messages, deps)),
    onFault: (error: unknown) => context.warn(toLogLine({ event: 'fault', stage: stage.name, fault: String(error) })),
  };
  const counts = await runBatch(batch, deps.driverDeps);
  context.info(toLogLine({ event: stage.name, ...counts, ...addUp(results) }));
}

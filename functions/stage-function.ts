import type { InvocationContext, ServiceBusQueueFunctionOptions } from '@azure/functions';
import type { StageMessage } from '../shared/contracts/stage-messages.js';
import { type Parse, runBatch } from '../shared/pipeline/batch-driver.js';
import type { Stages } from '../shared/pipeline/stages.js';
import type { Compose, Composition } from './compose.js';
import { toStageReport } from './stage-lines.js';

export interface QueueApp {
  serviceBusQueue(name: string, options: ServiceBusQueueFunctionOptions): void;
}

interface StageFunction<M extends StageMessage> {
  readonly name: M['kind'];
  readonly queueName: string;
  readonly parse: Parse<M>;
  readonly handle: (messages: readonly M[], stages: Stages) => Promise<object>;
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
  { name, parse, handle }: StageFunction<M>,
  delivered: unknown,
  context: InvocationContext,
  { stagesFor, driverDeps }: Composition,
): Promise<void> {
  const report = toStageReport(context);
  const stages = stagesFor(report);
  const results: object[] = [];
  const batch = {
    queue: name,
    delivered: Array.isArray(delivered) ? delivered : [delivered],
    parse,
    handle: async (messages: readonly M[]) => results.push(await handle(messages, stages)),
    onFault: (error: unknown) => report.fault(name, error),
  };
  report.handled(name, await runBatch(batch, driverDeps), results);
}

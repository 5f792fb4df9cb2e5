import type { ServiceBusMessage, ServiceBusSender } from '@azure/service-bus';

/** Messages that fit no batch, by their position in the input. */
export interface BatchResult {
  readonly tooLarge: readonly number[];
}

/** Send messages in as few batches as their size allows. Throws what the client throws; earlier batches stay sent. */
export async function sendInBatches(
  sender: ServiceBusSender,
  messages: readonly ServiceBusMessage[],
): Promise<BatchResult> {
  const tooLarge: number[] = [];
  let batch = await sender.createMessageBatch();
  for (const [index, message] of messages.entries()) {
    if (batch.tryAddMessage(message)) continue;
    if (batch.count > 0) {
      await sender.sendMessages(batch);
      batch = await sender.createMessageBatch();
      if (batch.tryAddMessage(message)) continue;
    }
    tooLarge.push(index);
  }
  if (batch.count > 0) await sender.sendMessages(batch);
  return { tooLarge };
}

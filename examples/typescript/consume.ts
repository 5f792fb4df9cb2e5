// Receive triggers of dp.finance.revenue. npm install @azure/service-bus; set SERVICEBUS to a connection string.
import { ServiceBusClient } from '@azure/service-bus';

const client = new ServiceBusClient(process.env['SERVICEBUS'] ?? '');
const receiver = client.createReceiver('triggers', 'dp.finance.revenue');
for (;;) {
  const messages = await receiver.receiveMessages(10, { maxWaitTimeInMs: 30_000 });
  if (messages.length === 0) break;
  for (const message of messages) {
    // Key your run by the trigger id: a message may come again, the id stays the same.
    console.log('run', message.body.triggerId, 'for', message.body.inputs[0].snapshot.watermark);
    await receiver.completeMessage(message);
  }
}
await client.close();

// Receive triggers of dp.finance.revenue. npm install @azure/service-bus; set SERVICEBUS to a connection string.
import { ServiceBusClient } from '@azure/service-bus';

interface Trigger {
  kind: 'trigger' | 'revocation';
  revokes?: string[];
  triggerId: string;
  inputs: [{ snapshot: { watermark: string } }];
}

const client = new ServiceBusClient(process.env['SERVICEBUS'] ?? '');
const receiver = client.createReceiver('triggers', 'dp.finance.revenue');
for (;;) {
  const messages = await receiver.receiveMessages(10, { maxWaitTimeInMs: 30_000 });
  if (messages.length === 0) break;
  for (const message of messages) {
    const trigger = message.body as Trigger; // the form of every message on this topic
    // Key your run by the trigger id: a message may come again, the id stays the same.
    if (trigger.kind === 'revocation') console.log('snapshot taken back; undo or repeat', trigger.revokes);
    else console.log('run', trigger.triggerId, 'for', trigger.inputs[0].snapshot.watermark);
    await receiver.completeMessage(message);
  }
}
await client.close();

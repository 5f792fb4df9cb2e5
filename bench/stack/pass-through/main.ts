import { TableClient, type TransactionAction } from '@azure/data-tables';
import { app, type InvocationContext } from '@azure/functions';
import { ServiceBusClient, type ServiceBusSender } from '@azure/service-bus';
import { submitTransaction } from '../../../shared/adapters/table/transaction/submit.js';
import { floor } from '../floor.js';

/**
 * The least a durable hop can do: receive a batch from the hub, write one row per event in one transaction, send one
 * message per event to the topic, by the clients and the quick way to write a transaction. It decides nothing, checks
 * nothing and would double events when it is retried.
 */
app.eventHub('pass', {
  connection: 'EVENTHUB',
  eventHubName: floor.hub,
  cardinality: 'many',
  ...{ dataType: 'binary' }, // untyped in the library, read by the host: bodies arrive as bytes
  handler: pass,
});

let clients: { readonly table: TableClient; readonly sender: ServiceBusSender } | undefined;

function open(): NonNullable<typeof clients> {
  const { SERVICEBUS = '', OUTPORT_TABLES = '' } = process.env;
  const table = TableClient.fromConnectionString(OUTPORT_TABLES, floor.table, { allowInsecureConnection: true });
  return { table, sender: new ServiceBusClient(SERVICEBUS).createSender(floor.topic) };
}

async function pass(bodies: unknown, context: InvocationContext): Promise<void> {
  const { table, sender } = (clients ??= open());
  const batch = bodies as Uint8Array[]; // cardinality many and dataType binary
  const texts = batch.map((body) => Buffer.from(body).toString('utf8'));
  const ids = texts.map((text) => String((JSON.parse(text) as { eventId: string }).eventId));
  await submitTransaction(
    table,
    texts.map((Body, index) => toRow(context.invocationId, ids[index] ?? '', Body)),
  );
  let messages = await sender.createMessageBatch();
  for (const [index, body] of texts.entries()) {
    const message = { body, messageId: ids[index] ?? '', contentType: 'application/json' };
    if (messages.tryAddMessage(message)) continue;
    await sender.sendMessages(messages);
    messages = await sender.createMessageBatch();
    messages.tryAddMessage(message);
  }
  if (messages.count > 0) await sender.sendMessages(messages);
}

function toRow(partitionKey: string, rowKey: string, Body: string): TransactionAction {
  return ['create', { partitionKey, rowKey, Body }];
}

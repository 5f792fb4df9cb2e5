// Publish one sealed snapshot. npm install @azure/event-hubs; set EVENTHUB to a connection string.
import { randomUUID } from 'node:crypto';
import { EventHubProducerClient } from '@azure/event-hubs';

const now = new Date().toISOString();
const event = {
  eventType: 'OutputPortSnapshotSealed',
  eventId: randomUUID(),
  occurredAt: now,
  producer: { dataProduct: 'dp.sales.orders', domain: 'sales' },
  outputPort: { key: 'op.sales.orders.daily', version: '2.1.0', stage: 'prod' },
  snapshot: {
    watermark: now,
    schemaHash: 'sha256:9f2c1a7be04d55e1',
    quality: { status: 'passed', ruleset: 'orders-daily@3', score: 0.99 },
  },
};
const producer = new EventHubProducerClient(process.env['EVENTHUB'] ?? '', 'readiness-events');
// JSON text as bytes; one port's events share a partition, and so keep their order.
await producer.sendBatch([{ body: Buffer.from(JSON.stringify(event)) }], { partitionKey: event.outputPort.key });
await producer.close();
console.log('sent', event.eventId);

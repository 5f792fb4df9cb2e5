import { z } from 'zod';
import { limits } from '../limits.js';
import { SchemaHash, SemanticVersion } from '../keys.js';
import { eventMembers, OutputPortRef, Producer } from './envelope.js';

/** A new, incompatible contract version of a port is announced; `outputPort.version` is the new one. */
export const OutputPortContractBreaking = z
  .looseObject({
    eventType: z.literal('OutputPortContractBreaking'),
    ...eventMembers,
    producer: Producer,
    outputPort: OutputPortRef,
    contract: z.looseObject({
      previousVersion: SemanticVersion,
      schemaHash: SchemaHash,
      /** One sentence per incompatible change. */
      changes: z.array(z.string().min(1).max(1_000)).max(limits.arrayLength).optional(),
    }),
  })
  .meta({
    id: 'OutputPortContractBreaking',
    title: 'A breaking contract version is announced',
    examples: [
      {
        eventType: 'OutputPortContractBreaking',
        eventId: 'orders-daily-contract-3.0.0',
        occurredAt: '2026-03-10T09:00:00Z',
        producer: { dataProduct: 'dp.sales.orders', domain: 'sales' },
        outputPort: { key: 'op.sales.orders.daily', version: '3.0.0', stage: 'prod' },
        contract: {
          previousVersion: '2.1.0',
          schemaHash: 'sha256:4be0c1d2a39f7710',
          changes: ['column customer_id removed'],
        },
      },
    ],
  });
export type OutputPortContractBreaking = z.infer<typeof OutputPortContractBreaking>;

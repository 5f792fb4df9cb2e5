import { z } from 'zod';

const price = z.number().min(0);
const source = z.string().min(1);

/** Prices of the meters that an event touches; `asOf` and the sources say where they come from. */
export const Prices = z.object({
  asOf: z.iso.date(),
  currency: z.string().length(3),
  region: z.string(),
  note: z.string(),
  eventHubs: z.object({ source, perThroughputUnitHour: price, perMillionEvents: price }),
  serviceBus: z.object({ source, perHour: price, includedOperations: price, perMillionOperations: price }),
  tables: z.object({ source, perTenThousandRequests: price, perGbMonth: price }),
  blobs: z.object({ source, perTenThousandWrites: price }),
  functions: z.object({
    source,
    perGbSecond: price,
    perMillionExecutions: price,
    freeGbSeconds: price,
    freeExecutions: price,
  }),
  eventGrid: z.object({ source, perMillionOperations: price, freeOperations: price }),
  logicApps: z.object({
    source,
    perBuiltInAction: price,
    perStandardConnectorCall: price,
    freeBuiltInActions: price,
  }),
  fabric: z.object({ source, perCapacityUnitHour: price, capacityUnits: price }),
});
export type Prices = z.infer<typeof Prices>;

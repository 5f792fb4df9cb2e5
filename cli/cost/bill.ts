import type { Prices } from './prices.js';
import type { Usage } from './usage.js';

/** One line of a month's bill. */
export interface BillLine {
  readonly what: string;
  readonly amount: number;
}

const hoursPerMonth = 730;
const million = 1_000_000;

/** A month's bill: base charges of every service that is used, then what goes beyond its free part. */
export function toBill(usage: Usage, prices: Prices): BillLine[] {
  const lines = [...toMessagingLines(usage, prices), ...toComputeLines(usage, prices), ...toOtherLines(usage, prices)];
  return lines.filter(({ amount }) => amount > 0);
}

function toMessagingLines({ hubEvents, busOperations }: Usage, { eventHubs, serviceBus }: Prices): BillLine[] {
  const lines: BillLine[] = [];
  if (hubEvents !== undefined) {
    lines.push({ what: 'Event Hubs, one throughput unit', amount: hoursPerMonth * eventHubs.perThroughputUnitHour });
    lines.push({ what: 'Event Hubs, events', amount: (hubEvents / million) * eventHubs.perMillionEvents });
  }
  if (busOperations !== undefined) {
    const paid = beyond(busOperations, serviceBus.includedOperations);
    lines.push({ what: 'Service Bus, base charge', amount: hoursPerMonth * serviceBus.perHour });
    lines.push({ what: 'Service Bus, operations', amount: (paid / million) * serviceBus.perMillionOperations });
  }
  return lines;
}

function toComputeLines(usage: Usage, { functions, tables, blobs }: Prices): BillLine[] {
  const { executions = 0, gbSeconds = 0, tableRequests = 0, storedGb = 0, checkpoints = 0 } = usage;
  const paidExecutions = beyond(executions, functions.freeExecutions);
  return [
    { what: 'Functions, executions', amount: (paidExecutions / million) * functions.perMillionExecutions },
    { what: 'Functions, GB-seconds', amount: beyond(gbSeconds, functions.freeGbSeconds) * functions.perGbSecond },
    { what: 'Table Storage, requests', amount: (tableRequests / 10_000) * tables.perTenThousandRequests },
    { what: "Table Storage, a month's rows", amount: storedGb * tables.perGbMonth },
    { what: 'Blob Storage, checkpoints', amount: (checkpoints / 10_000) * blobs.perTenThousandWrites },
  ];
}

function toOtherLines(usage: Usage, { eventGrid, logicApps, fabric }: Prices): BillLine[] {
  const { gridOperations = 0, builtInActions = 0, connectorCalls = 0, usesFabric = false } = usage;
  const paidGrid = beyond(gridOperations, eventGrid.freeOperations);
  const paidActions = beyond(builtInActions, logicApps.freeBuiltInActions);
  const capacity = hoursPerMonth * fabric.perCapacityUnitHour * fabric.capacityUnits;
  return [
    { what: 'Event Grid, operations', amount: (paidGrid / million) * eventGrid.perMillionOperations },
    { what: 'Logic Apps, built-in actions', amount: paidActions * logicApps.perBuiltInAction },
    { what: 'Logic Apps, standard connectors', amount: connectorCalls * logicApps.perStandardConnectorCall },
    { what: 'Fabric capacity, all month', amount: usesFabric ? capacity : 0 },
  ];
}

function beyond(used: number, free: number): number {
  return Math.max(0, used - free);
}

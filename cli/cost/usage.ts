import type { HandOn } from '../../shared/config/settings.js';

/** What is to be priced: signals a month, triggers each of them makes, and how many arrive together. */
export interface Load {
  readonly signals: number;
  readonly consumers: number;
  readonly batch: Batch;
}

/** Batch sizes that were counted. Signals trickle in one by one, or come in nightly waves. */
export const batches = [1, 10, 100] as const;
export type Batch = (typeof batches)[number];

interface Calls {
  readonly tableRequests: number;
  readonly queueMessages: number;
  readonly invocations: number;
}

/** Per signal with one trigger, as `npm run bench -- calls` counts them; a test holds them to be no less than that. */
export const countedCalls: Readonly<Record<HandOn, Readonly<Record<Batch, Calls>>>> = {
  direct: {
    1: { tableRequests: 3.2, queueMessages: 0, invocations: 1 },
    10: { tableRequests: 1.9, queueMessages: 0, invocations: 0.1 },
    100: { tableRequests: 0.3, queueMessages: 0, invocations: 0.01 },
  },
  queued: {
    1: { tableRequests: 4.2, queueMessages: 3, invocations: 4 },
    10: { tableRequests: 2.5, queueMessages: 0.3, invocations: 0.4 },
    100: { tableRequests: 0.4, queueMessages: 0.3, invocations: 0.04 },
  },
};

/** A month's use of metered services. */
export interface Usage {
  readonly hubEvents?: number;
  readonly busOperations?: number;
  readonly tableRequests?: number;
  readonly storedGb?: number;
  readonly checkpoints?: number;
  readonly executions?: number;
  readonly gbSeconds?: number;
  readonly gridOperations?: number;
  readonly builtInActions?: number;
  readonly connectorCalls?: number;
  readonly usesFabric?: boolean;
}

/** Service Bus counts a message when it is sent, delivered and completed; the last is the careful reading. */
const operationsPerMessage = 3;
/** Sent once, then delivered and completed at its consumer. */
const operationsPerTrigger = 3;
const instanceGb = 2;
/** An execution bills at least a second. */
const minimumSeconds = 1;
/**
 * Rows that a signal becomes, and one verdict with its trigger, and what they take by the service's own formula; a test
 * holds them against what is written. A trigger is claimed, marked sent, and taken from the index of unsent ones. Handed
 * on directly it is recorded as claimed, and one row is the index of some twenty: four rows and one change.
 */
export const storedRows = {
  signal: { rows: 5, bytes: 5_400 },
  trigger: { rows: 5, bytes: 5_100, changes: 3 },
} as const;
const bytesPerGb = 1e9;

/**
 * Outport, in batches in which nothing fails. Calls that belong to a trigger (a third of requests are the signal's) grow
 * with consumers.
 */
export function toOutportUsage({ signals, consumers, batch }: Load, handOn: HandOn): Usage {
  const counted = countedCalls[handOn][batch];
  const share = (1 + 2 * consumers) / 3;
  const executions = signals * counted.invocations;
  return {
    hubEvents: signals,
    busOperations: signals * (counted.queueMessages * operationsPerMessage * share + consumers * operationsPerTrigger),
    tableRequests: signals * counted.tableRequests * share,
    storedGb: toStoredGb(signals, consumers),
    checkpoints: signals / batch,
    executions,
    gbSeconds: executions * instanceGb * minimumSeconds,
  };
}

function toStoredGb(signals: number, consumers: number): number {
  return (signals * (storedRows.signal.bytes + consumers * storedRows.trigger.bytes)) / bytesPerGb;
}

/** The same steps and rows, with a function call per message and a request per row. */
export function toUnbatchedUsage({ signals, consumers }: Load): Usage {
  const { signal, trigger } = storedRows;
  const executions = signals * (3 + consumers);
  return {
    hubEvents: signals,
    busOperations: signals * ((2 + consumers) * operationsPerMessage + consumers * operationsPerTrigger),
    tableRequests: signals * (signal.rows + (trigger.rows + trigger.changes) * consumers),
    storedGb: toStoredGb(signals, consumers),
    checkpoints: signals,
    executions,
    gbSeconds: executions * instanceGb * minimumSeconds,
  };
}

/**
 * An Event Grid topic and one Logic App per consumer: parse, two conditions, a compose and a response are built in;
 * looking for a duplicate, writing a row and sending the trigger are standard connector calls.
 */
export function toLogicAppsUsage({ signals, consumers }: Load): Usage {
  return {
    gridOperations: signals * (1 + consumers),
    builtInActions: signals * consumers * 5,
    connectorCalls: signals * consumers * 3,
  };
}

/** A Fabric Activator on the smallest capacity that runs all month; what it can carry is not looked at. */
export function toActivatorUsage(): Usage {
  return { usesFabric: true };
}

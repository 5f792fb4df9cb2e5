import type { ComposeOperators } from '../../functions/compose.js';
import { registerDispatch } from '../../functions/dispatch.js';
import { registerEvaluate } from '../../functions/evaluate.js';
import { registerIngest } from '../../functions/ingest.js';
import { registerNormalize } from '../../functions/normalize.js';
import { registerReplay } from '../../functions/replay.js';
import { registerSweep } from '../../functions/sweep.js';
import type { FunctionsApp } from './model/functions-app.js';

/** One entry point under simulation. A new use case is one more of these. */
export interface UseCase {
  readonly name: string;
  readonly register: (app: FunctionsApp, compose: ComposeOperators) => void;
  /** Every port call it awaits: a host dies before and after each of them. */
  readonly calls: readonly string[];
  /** What the stages behind it call when it hands on directly: a host dies there in one of the stages before at least. */
  readonly onward?: readonly string[];
}

/** What a replay calls for what lies in quarantine. */
const resubmitCalls = [
  'quarantineDesk.list',
  'quarantineDesk.get',
  'quarantineDesk.resolve',
  'auditLog.append',
  'publisher.publish',
  'ledger.reopen',
  'queues.toNormalize',
  'queues.toEvaluate',
];

const driverCalls = ['quarantine.put', 'queues.again'];
const normalizeCalls = ['ledger.get', 'ledger.addReceipt', 'signals.get', 'signals.insert', 'queues.toEvaluate'];
const evaluateCalls = [
  'portStates.load',
  'portStates.advance',
  'ledger.record',
  'ledger.join',
  'ledger.retract',
  'ledger.regulate',
  'queues.toDispatch',
];
const dispatchCalls = [
  'ledger.hold',
  'ledger.claim',
  'topic.send',
  'ledger.markSent',
  'ledger.get',
  'ledger.markRefused',
];

/** The shipped entry points, as `functions/main.ts` registers them. */
export const useCases: readonly UseCase[] = [
  {
    name: 'ingest',
    register: registerIngest,
    calls: ['quarantine.put', 'queues.toNormalize'],
    onward: [...normalizeCalls, ...evaluateCalls, ...dispatchCalls],
  },
  {
    name: 'normalize',
    register: registerNormalize,
    calls: [...normalizeCalls, ...driverCalls],
    onward: [...evaluateCalls, ...dispatchCalls],
  },
  { name: 'evaluate', register: registerEvaluate, calls: [...evaluateCalls, ...driverCalls], onward: dispatchCalls },
  { name: 'dispatch', register: registerDispatch, calls: [...dispatchCalls, ...driverCalls] },
  {
    name: 'sweep',
    register: registerSweep,
    calls: [
      'ledger.listUnsent',
      'ledger.listHeldSubscriptions',
      'ledger.regulate',
      'portStates.load',
      'queues.toDispatch',
    ],
  },
  {
    name: 'replay',
    register: registerReplay,
    calls: [
      ...resubmitCalls,
      'replayStore.list',
      'replayStore.get',
      'replayStore.update',
      'signals.findByEventId',
      'signalQueries.listByWatermark',
      'signalQueries.listRetractions',
      'portStates.load',
      'ledgerQueries.findRetractable',
      'ledger.listVerdicts',
      'ledger.get',
      'ledger.record',
      'ledger.join',
      'ledger.retract',
      'queues.toDispatch',
    ],
  },
];

/** Port calls of what runs beside the functions: the caches of each host, and the programs of operators. */
export const otherCalls: Readonly<Record<string, readonly string[]>> = {
  registry: ['registryStore.pointer', 'registryStore.load'],
  controls: ['controlStore.read'],
  operate: [
    'registryStore.pointer',
    'registryStore.load',
    'signals.findByEventId',
    'signalQueries.countByWatermark',
    'quarantineDesk.list',
    'controlStore.read',
    'controlStore.replace',
    'replayStore.get',
    'replayStore.create',
    'replayStore.update',
    'auditLog.append',
  ],
  apply: [
    'registryStore.pointer',
    'registryStore.load',
    'registryStore.publish',
    'channels.ensure',
    'channels.list',
    'channels.waiting',
    'channels.remove',
    'auditLog.append',
    'auditLog.list',
  ],
};

const replayCalls = toNames(useCases.filter(({ name }) => name === 'replay'));
/** What few replays come to; it stands there more often. */
const seldomInReplays = [
  'signals.findByEventId',
  'ledgerQueries.findRetractable',
  'ledger.get',
  'ledger.join',
  'queues.toDispatch',
  'queues.toDispatch',
];
const seldomInResubmits = ['ledger.reopen', 'queues.toNormalize', 'queues.toEvaluate', 'queues.toEvaluate'];

/** Calls at which runs with a replay die often: of what it decides again, or of what it sends again from quarantine. */
export const mortalReplayCalls: readonly string[] = [
  ...replayCalls.filter((call) => !resubmitCalls.some((each) => call === `replay ${each}`)),
  ...seldomInReplays.map((call) => `replay ${call}`),
];
export const mortalResubmitCalls: readonly string[] = [...resubmitCalls, ...seldomInResubmits].map(
  (call) => `replay ${call}`,
);

const seldom: ReadonlySet<string> = new Set(['replay', 'operate', 'controls']);

/** Calls that runs make seldom, as `<use case> <call>`: a run picks one of them to die at. */
export const seldomCalls: readonly string[] = [
  ...toNames([...useCases, ...toCallers(otherCalls)].filter(({ name }) => seldom.has(name))),
  'sweep ledger.regulate',
  'sweep portStates.load',
  'sweep queues.toDispatch',
  ...['ingest', 'normalize', 'evaluate'].map((name) => `${name} ledger.regulate`),
  ...['ingest', 'normalize', 'evaluate', 'dispatch'].flatMap((name) => [
    ...['ledger.hold', 'ledger.get', 'ledger.markRefused'].map((call) => `${name} ${call}`),
  ]),
  'dispatch ledger.hold',
  'dispatch ledger.hold',
];

/** Every moment at which a process is made to die: the names of a point, one of which it has to die at. */
export function listCrashPoints(): string[][] {
  const own = [...useCases, ...toCallers(otherCalls)].flatMap(({ name, calls }) =>
    calls.flatMap((call) => toPoints([name], call)),
  );
  const onward = [...new Set(useCases.flatMap((each) => each.onward ?? []))].flatMap((call) =>
    toPoints(
      useCases.flatMap((each) => (each.onward?.includes(call) || isSeldom(each, call) ? [each.name] : [])),
      call,
    ),
  );
  return [...own, ...onward, ...useCases.map(({ name }) => [`${name} at its end`])];
}

/** A pause seldom begins between a decision and its dispatch in one invocation: a death in `dispatch` itself will do. */
function isSeldom({ name }: UseCase, call: string): boolean {
  return name === 'dispatch' && call === 'ledger.hold';
}

function toPoints(names: readonly string[], call: string): string[][] {
  return ['before', 'after'].map((when) => names.map((name) => `${name} ${when} ${call}`));
}

function toNames(callers: readonly { name: string; calls: readonly string[] }[]): string[] {
  return callers.flatMap(({ name, calls }) => calls.map((call) => `${name} ${call}`));
}

function toCallers(calls: Readonly<Record<string, readonly string[]>>): { name: string; calls: readonly string[] }[] {
  return Object.entries(calls).map(([name, own]) => ({ name, calls: own }));
}

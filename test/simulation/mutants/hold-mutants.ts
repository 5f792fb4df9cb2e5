import { mutant, type Mutant } from './mutant.js';

const dispatch = 'shared/pipeline/dispatch.ts';
const controls = 'shared/pipeline/operators/control-source.ts';
const changes = 'shared/pipeline/operators/change-controls.ts';
const pauseFor = 'shared/domain/pause-for.ts';
const release = 'shared/domain/flow/plan-release.ts';
const ledger = 'shared/adapters/memory/ledger.ts';
const sweep = 'shared/pipeline/sweep.ts';

/** Pauses, windows, rates, coalescing and what the topic refuses, broken. */
export const holdMutants: readonly Mutant[] = [
  mutant(
    'dispatch does not ask what is paused',
    dispatch,
    'if (pause === undefined) free.push',
    'if (pauseOf) free.push',
  ),
  mutant(
    'a host keeps the first controls it read',
    controls,
    'createRefreshedReading(() => store.read(), clock, refreshMs)',
    'createRefreshedReading((held) => held ? Promise.resolve(held) : store.read(), clock, refreshMs)',
  ),
  mutant('a pause of a port stops nothing', pauseFor, 'return target.port === port;', 'return target.port === stage;'),
  mutant(
    'what is resumed stays paused',
    changes,
    '(current) => withoutTarget(current, target)',
    '(current) => current',
  ),
  mutant('the rate is ignored', release, 'limit.max - recent.length', 'limit.max'),
  mutant('windows are ignored', release, ' || !isOpen(subscription.windows, nowMs)', ''),
  mutant('the latest is the oldest', release, 'sort(bySnapshot).at(-1)', 'sort(bySnapshot).at(0)'),
  mutant('what is absorbed is not named', release, 'keep: [{ ...newest, absorbed }]', 'keep: [{ ...newest }]'),
  mutant(
    'what is absorbed is forgotten at the next step',
    release,
    '...(trigger.absorbed ?? []), { triggerId',
    '{ triggerId',
  ),
  mutant('waiting for quiet never ends', release, 'if (rule?.quietMinutes === undefined', 'if (rule === undefined'),
  mutant('what stood behind a withdrawn trigger is lost', ledger, 'for (const entry of met) this.letGo(entry);', ''),
  mutant('what is held is never let go', sweep, 'const released = await releaseAll(deps);', 'const released = 0;'),
  mutant(
    'what the topic refuses stays unsent',
    dispatch,
    'await ledger.markRefused(',
    'if (refusals.length > 1_000) await ledger.markRefused(',
  ),
  mutant(
    'a refused trigger can be claimed',
    ledger,
    "if (entry.state !== 'pending' && entry.state !== 'dispatching') return { kind: 'not-pending'",
    "if (entry.state === 'held') return { kind: 'not-pending'",
  ),
];

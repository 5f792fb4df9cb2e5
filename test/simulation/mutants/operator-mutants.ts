import { mutant, type Mutant } from './mutant.js';

const decideAgain = 'shared/domain/decide-again.ts';
const advance = 'shared/pipeline/operators/advance-replay.ts';
const slice = 'shared/pipeline/operators/replay-slice.ts';
const selection = 'shared/pipeline/operators/replay-selection.ts';

/** What operators ask for, broken. */
export const operatorMutants: readonly Mutant[] = [
  mutant(
    'a forced replay keeps the ids it has',
    decideAgain,
    'force ? toReplayTriggerId(trigger.triggerId, name) : trigger.triggerId',
    'trigger.triggerId',
  ),
  mutant(
    'a replay without force gives new ids',
    decideAgain,
    'force ? toReplayTriggerId(trigger.triggerId, name) : trigger.triggerId',
    'name ? toReplayTriggerId(trigger.triggerId, name) : `${force}`',
  ),
  mutant(
    'a forced replay fires what breaks its contract',
    decideAgain,
    'again, subscription, context)',
    'again, subscription, { ...context, registry: { ...context.registry, ports: new Map() } })',
  ),
  mutant('a replay does not say so', decideAgain, "      cause: 'replay',\n", ''),
  mutant(
    'a replay takes its verdicts for live ones',
    decideAgain,
    'verdictId: toReplayVerdictId(verdict.verdictId, name), replay: name }',
    'verdictId: verdict.verdictId }',
  ),
  mutant('a replay begins anew with each slice', slice, 'counts, position: slice.after }', 'counts }'),
  mutant(
    'a replay cancelled at its end begins anew when it is resumed',
    advance,
    "moved.state === 'done' ? moved.state : rest.state",
    'rest.state',
  ),
  mutant(
    'a replay is given up by an instance that knows of no registry yet',
    slice,
    '  const registry = await requireRegistry(deps);\n  const context = { registry, deps };\n  try {',
    '  try {\n    const registry = await requireRegistry(deps).catch((e) => { throw e.cause ? e : new TerminalError(e.message); });\n    const context = { registry, deps };',
  ),
  mutant('a replay does not count what a cancelled run did', advance, 'counts: moved.counts,', ''),
  mutant(
    'a replay counts what fired before as fired',
    slice,
    "count('matched', 'held')",
    "count('matched', 'same-vector')",
  ),
  mutant(
    'a replay stops after its first slice',
    selection,
    'if (page.after !== undefined) return',
    'if (query === next) return',
  ),
  mutant(
    'a replay leaves out the newest watermark',
    selection,
    'toMs: Date.parse(toWatermark)',
    'toMs: Date.parse(toWatermark) - 1',
  ),
];

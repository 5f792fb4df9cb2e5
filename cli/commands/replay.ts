import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { type PlannedTrigger, type ReplayPlan, ReplayRequest } from '../../shared/contracts/api/operations.js';
import { type ReplayJob, ReplayRate } from '../../shared/contracts/replay-job.js';
import { advanceReplay } from '../../shared/pipeline/operators/advance-replay.js';
import { cancelReplay, resumeReplay, showReplay, startReplay } from '../../shared/pipeline/operators/replays.js';
import { untilInterrupted } from '../consume/interruption.js';
import { FailedError, InputError, unwrap } from '../errors.js';
import { type Column, type OutputForm, outputOption, printListing } from '../listing/listing.js';
import { readQuery } from '../listing/read-query.js';
import { actorOption, toActor } from '../operate/actor.js';
import { type ActingDeps, openOperator, withOperator } from '../operate/open-operator.js';
import { createProgress, toReplayLine } from '../operate/replay-progress.js';
import { note, paint, print, toSafeText } from '../output.js';

const startExamples = `
Examples:
  outport replay start orders-again --port op.sales.orders.daily --stage prod --dry-run
  outport replay start orders-again --port op.sales.orders.daily --stage prod \\
    --from-watermark 2026-03-01T00:00:00Z --to-watermark 2026-03-10T00:00:00Z --rate 20
  outport replay start one-event --event orders-2026-03-10
  outport replay start new-consumer --subscription sub.finance.revenue.orders
  outport replay start leads-declared --quarantine --reason-code unknown-output-port
  outport replay start rebuild --subscription sub.finance.revenue.orders --force --reason "lost our tables"

Signals are decided again with the registry in force. What fired before does not fire again, unless --force gives it new
trigger ids; consumers see cause "replay" and the reason. Ctrl-C leaves the replay to the functions; "replay cancel" stops it.
`;

interface StartOptions {
  readonly event?: string;
  readonly port?: string;
  readonly stage?: string;
  readonly subscription?: string;
  readonly quarantine?: true;
  readonly reasonCode?: string;
  readonly producer?: string;
  readonly from?: string;
  readonly to?: string;
  readonly fromWatermark?: string;
  readonly toWatermark?: string;
  readonly rate?: number;
  readonly reason?: string;
  readonly dryRun?: true;
  readonly force?: true;
  readonly detach?: true;
  readonly actor?: string;
  readonly output: OutputForm;
}

/** `outport replay start|list|show|cancel|resume`. */
export function addReplayCommands(program: Command): void {
  const replay = program.command('replay').description('decide stored signals again, on purpose');
  addStart(replay);
  addList(replay);
  replay
    .command('show')
    .description('show how far a replay got')
    .argument('<name>')
    .addHelpText('after', '\nExamples:\n  outport replay show orders-again\n')
    .action(async (name: string) => print(JSON.stringify(unwrap(await showReplay(name, openOperator())).job, null, 2)));
  replay
    .command('cancel')
    .description('stop a replay where it is; what was sent stays sent')
    .argument('<name>')
    .addOption(actorOption())
    .addHelpText('after', '\nExamples:\n  outport replay cancel orders-again\n')
    .action(async (name: string, { actor }: { actor?: string }) => {
      const { job } = unwrap(await cancelReplay(name, { actor: toActor(actor) }, openOperator()));
      print(toReplayLine(job));
    });
  replay
    .command('resume')
    .description('let a cancelled or failed replay go on where it stopped')
    .argument('<name>')
    .option('--detach', 'leave the work to the functions')
    .addOption(actorOption())
    .addHelpText('after', '\nExamples:\n  outport replay resume orders-again\n')
    .action(async (name: string, { actor, detach }: { actor?: string; detach?: true }) => {
      await withOperator(async (deps) => {
        const { job } = unwrap(await resumeReplay(name, { actor: toActor(actor) }, deps));
        if (detach) print(toReplayLine(job));
        else await drive(name, deps);
      });
    });
}

function addStart(replay: Command): void {
  replay
    .command('start')
    .description('start a replay, or with --dry-run say exactly what it would send')
    .argument('<name>', 'a name of its own; lower-case letters, digits, dashes')
    .option('--event <id>', 'the signals of one event')
    .option('--port <key>', 'the signals of an output port, with --stage')
    .option('--stage <stage>', 'stage of the port')
    .option('--subscription <key>', 'what a subscription asks for, decided for it alone')
    .option('--from-watermark <time>', 'snapshots of this time or later')
    .option('--to-watermark <time>', 'snapshots of this time or earlier')
    .option('--quarantine', 'open quarantined events, published again')
    .option('--reason-code <code>', 'quarantined for this')
    .option('--producer <key>', 'quarantined of this data product')
    .option('--from <time>', 'quarantined events enqueued at or after')
    .option('--to <time>', 'quarantined events enqueued before')
    .option('--rate <n>', 'most signals a second (default: 50)', toRate)
    .option('--reason <text>', 'why; consumers can read it')
    .option('--force', 'fire again what fired before, under new trigger ids; needs --reason')
    .option('--dry-run', 'print what would be sent, do nothing')
    .option('--detach', 'leave the work to the functions')
    .addOption(actorOption())
    .addOption(outputOption())
    .addHelpText('after', startExamples)
    .action(start);
}

function toRate(text: string): number {
  const rate = ReplayRate.safeParse(Number(text));
  if (rate.success) return rate.data;
  throw new InvalidArgumentError(`It must be a number from ${ReplayRate.minValue} to ${ReplayRate.maxValue}.`);
}

async function start(name: string, options: StartOptions): Promise<void> {
  const { rate, reason, dryRun, force, actor } = options;
  const wished = {
    name,
    selection: toSelection(options),
    dryRun,
    reason,
    ...(rate !== undefined && { ratePerSecond: rate }),
  };
  const request = readQuery(ReplayRequest, wished, ['name']);
  await withOperator(async (deps) => {
    const context = { actor: toActor(actor), force: force === true };
    const started = unwrap(await startReplay(request, context, deps));
    if (started.kind === 'planned') printPlan(started.plan, options.output);
    else if (options.detach) print(toReplayLine(started.replay.job));
    else await drive(name, deps);
  });
}

/** @throws InputError unless exactly one thing is selected */
function toSelection(options: StartOptions): unknown {
  const { event, port, stage, subscription, fromWatermark, toWatermark, reasonCode, producer, from, to } = options;
  const named = [
    ...(event === undefined ? [] : [{ kind: 'signal', eventId: event }]),
    ...(options.quarantine ? [{ kind: 'quarantine', reason: reasonCode, producer, port, from, to }] : []),
    ...(subscription === undefined ? [] : [{ kind: 'subscription', subscription, fromWatermark, toWatermark }]),
    ...(port === undefined || options.quarantine ? [] : [{ kind: 'port', port, stage, fromWatermark, toWatermark }]),
  ];
  if (named.length === 1) return named[0];
  throw new InputError(
    'select one thing to replay',
    'use --event, --port with --stage, --subscription or --quarantine',
  );
}

/** Go on with a replay here until it ends or Ctrl-C. */
async function drive(name: string, deps: ActingDeps): Promise<void> {
  const interruption = untilInterrupted();
  const progress = createProgress(() => deps.clock.nowMs());
  try {
    const isOver = (): boolean => interruption.signal.aborted;
    const wait = (ms: number): Promise<void> => waitUntil(ms, interruption.signal);
    const job = await advanceReplay(name, { isOver, onProgress: (each) => progress(each) }, { ...deps, wait });
    if (job === undefined) return;
    print(toReplayLine(job));
    if (job.state === 'failed')
      throw new FailedError(`replay ${name} failed: ${job.failure ?? ''}`, 'mend it, then resume');
    if (job.state === 'running') note('the functions go on with it; "outport replay cancel" stops it');
  } finally {
    interruption.dispose();
  }
}

/** Ends early when it is interrupted. */
function waitUntil(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

function printPlan(plan: ReplayPlan, output: OutputForm): void {
  const { sends, revokes, retracted, resubmits, firedBefore, notMatched, total, truncated } = plan;
  if (output === 'json') return print(JSON.stringify(plan, null, 2));
  printListing({ items: sends }, planColumns, output);
  for (const { triggerId, subscription, eventId } of revokes) {
    print(toSafeText(`would take back  ${subscription}  ${eventId}  with ${triggerId}`));
  }
  for (const id of resubmits) print(`would publish again  ${id}`);
  note(
    `${total} looked at: ${sends.length} triggers would be sent, ${firedBefore} fired before, ${notMatched} do not match` +
      (retracted > 0 ? `; retractions applied: ${retracted}, of which ${revokes.length} take something back` : '') +
      (truncated ? paint.yellow('; there are more, this is the first part') : ''),
  );
}

const planColumns: Column<PlannedTrigger>[] = [
  { name: 'subscription', value: ({ subscription }) => subscription },
  { name: 'consumer', value: ({ consumer }) => consumer },
  { name: 'event', value: ({ eventId }) => eventId },
  { name: 'watermark', value: ({ watermark }) => watermark },
  { name: 'trigger', value: ({ triggerId }) => triggerId },
];

function addList(replay: Command): void {
  replay
    .command('list')
    .description('list replays by name')
    .addOption(outputOption())
    .addHelpText('after', '\nExamples:\n  outport replay list\n  outport replay list --output json\n')
    .action(async ({ output }: { output: OutputForm }) => {
      printListing({ items: await openOperator().replayStore.list(500) }, jobColumns, output);
    });
}

const jobColumns: Column<ReplayJob>[] = [
  { name: 'name', value: ({ name }) => name },
  { name: 'state', value: ({ state }) => state },
  { name: 'done', value: ({ counts, total }) => `${counts.done}/${total}` },
  { name: 'fired', value: ({ counts }) => counts.fired },
  { name: 'by', value: ({ actor }) => actor },
  { name: 'created', value: ({ createdAt }) => createdAt },
];

import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import {
  QuarantineBatchRequest,
  type QuarantineBatchResult,
  type QuarantineResult,
} from '../../shared/contracts/api/operations.js';
import { QuarantineQuery } from '../../shared/contracts/api/queries.js';
import { QuarantineReason } from '../../shared/contracts/problem.js';
import type { QuarantineItem, QuarantineSummary } from '../../shared/contracts/quarantine-item.js';
import { queryQuarantine, showQuarantined } from '../../shared/pipeline/operators/query-quarantine.js';
import {
  discardQuarantined,
  resubmitQuarantined,
  settleQuarantineBatch,
} from '../../shared/pipeline/operators/settle-quarantine.js';
import { FailedError, unwrap } from '../errors.js';
import { type Column, type OutputForm, outputOption, printListing } from '../listing/listing.js';
import { readQuery } from '../listing/read-query.js';
import { actorOption, toActor } from '../operate/actor.js';
import { openOperator, withOperator } from '../operate/open-operator.js';
import { readEventFile } from '../operate/read-event-file.js';
import { paint, print, toSafeText } from '../output.js';

interface ListOptions {
  readonly output: OutputForm;
}

/** `outport quarantine list|show|resubmit|discard|settle`. */
export function addQuarantineCommands(program: Command): void {
  const quarantine = program
    .command('quarantine')
    .description('look at events that could not become signals, and settle them');
  addList(quarantine);
  addShow(quarantine);
  addResubmit(quarantine);
  addDiscard(quarantine);
  addSettle(quarantine);
}

function addFilterOptions(command: Command): Command {
  return command
    .addOption(new Option('--reason-code <code>', 'quarantined for this').choices(QuarantineReason.options))
    .option('--producer <key>', 'of this data product')
    .option('--port <key>', 'about this output port')
    .option('--from <time>', 'enqueued at or after')
    .option('--to <time>', 'enqueued before');
}

function addList(quarantine: Command): void {
  const command = quarantine.command('list').description('list quarantined events, newest first');
  addFilterOptions(command)
    .addOption(
      new Option('--state <state>', 'in this state')
        .choices(['open', 'resubmitted', 'discarded', 'any'])
        .default('open'),
    )
    .option('--limit <n>', 'most items in one page (default: 50)')
    .option('--cursor <cursor>', 'the next page, as the page before named it')
    .addOption(outputOption())
    .addHelpText(
      'after',
      '\nExamples:\n  outport quarantine list\n  outport quarantine list --reason-code unknown-output-port --output jsonl\n',
    )
    .action(async ({ output, reasonCode, ...options }: ListOptions & { reasonCode?: string }) => {
      const query = readQuery(QuarantineQuery, { ...options, reason: reasonCode });
      printListing(unwrap(await queryQuarantine(query, openOperator())), columns, output);
    });
}

const columns: Column<QuarantineSummary>[] = [
  { name: 'enqueued', value: ({ origin }) => origin.enqueuedAt },
  { name: 'reason', value: ({ reason }) => reason },
  { name: 'state', value: ({ state }) => state },
  { name: 'producer', value: ({ producer }) => producer },
  { name: 'event', value: ({ eventId }) => eventId },
  { name: 'id', value: ({ id }) => id },
];

function addShow(quarantine: Command): void {
  quarantine
    .command('show')
    .description('show one quarantined event with its problems and bytes')
    .argument('<id>', 'as listed')
    .option('--save <file>', 'write the bytes to a file, to correct them there')
    .addOption(new Option('-o, --output <form>', 'form of the result').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      '\nExamples:\n  outport quarantine show 2026-03-10.98227…\n  outport quarantine show 2026-03-10.98227… --save fixed.json\n',
    )
    .action(async (id: string, { save, output }: { save?: string; output: 'text' | 'json' }) => {
      const item = unwrap(await showQuarantined(id, openOperator()));
      if (save !== undefined) await writeFile(save, Buffer.from(item.bodyBase64, 'base64'));
      if (output === 'json') print(JSON.stringify(item, null, 2));
      else toItemLines(item).forEach(print);
    });
}

function toItemLines(item: QuarantineItem): string[] {
  const { reason, state, origin, problems, resolution } = item;
  const settled = resolution
    ? [`  ${resolution.state} at ${resolution.at} by ${resolution.actor}: ${resolution.reason}`]
    : [];
  return [
    `${paint.red(reason)}  ${state}  enqueued ${origin.enqueuedAt}  ${origin.hub} ${origin.partition}/${origin.sequenceNumber}`,
    ...problems.map(({ path, message }) => `  ${toSafeText(`${path}: ${message}`)}`),
    ...settled.map(toSafeText),
    toSafeText(Buffer.from(item.bodyBase64, 'base64').toString('utf8')),
  ];
}

function addResubmit(quarantine: Command): void {
  quarantine
    .command('resubmit')
    .description('publish a quarantined event again, as it was or corrected')
    .argument('<id>', 'as listed')
    .requiredOption('--reason <text>', 'why, for the audit log')
    .option('--event <file>', 'the corrected event; "-" is standard input')
    .addOption(actorOption())
    .addHelpText(
      'after',
      '\nExamples:\n  outport quarantine resubmit 2026-03-10.98227… --reason "port is declared now"\n' +
        '  outport quarantine resubmit 2026-03-10.98227… --event fixed.json --reason "hash added"\n\n' +
        'Exit code 5 when it would be quarantined again.\n',
    )
    .action(async (id: string, options: { reason: string; event?: string; actor?: string }) => {
      const event = options.event === undefined ? undefined : await readEventFile(options.event);
      const context = { reason: options.reason, actor: toActor(options.actor), event };
      await withOperator(async (deps) => printResult(unwrap(await resubmitQuarantined(id, context, deps))));
    });
}

function addDiscard(quarantine: Command): void {
  quarantine
    .command('discard')
    .description('give a quarantined event up; its bytes stay')
    .argument('<id>', 'as listed')
    .requiredOption('--reason <text>', 'why, for the audit log')
    .addOption(actorOption())
    .addHelpText(
      'after',
      '\nExamples:\n  outport quarantine discard 2026-03-10.98227… --reason "a test of the producer"\n',
    )
    .action(async (id: string, options: { reason: string; actor?: string }) => {
      const context = { reason: options.reason, actor: toActor(options.actor) };
      await withOperator(async (deps) => printResult(unwrap(await discardQuarantined(id, context, deps))));
    });
}

interface SettleOptions {
  readonly action: string;
  readonly reason: string;
  readonly reasonCode?: string;
  readonly producer?: string;
  readonly port?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit?: string;
  readonly dryRun?: true;
  readonly actor?: string;
  readonly output: OutputForm;
}

function addSettle(quarantine: Command): void {
  const command = quarantine
    .command('settle')
    .description('resubmit or discard open records by filter')
    .addOption(
      new Option('--action <action>', 'what to do with each').choices(['resubmit', 'discard']).makeOptionMandatory(),
    )
    .requiredOption('--reason <text>', 'why, for the audit log');
  addFilterOptions(command)
    .option('--limit <n>', 'most records (default: 100)')
    .option('--dry-run', 'say what would be done, do nothing')
    .addOption(actorOption())
    .addOption(outputOption())
    .addHelpText(
      'after',
      '\nExamples:\n  outport quarantine settle --action resubmit --reason-code unknown-output-port --reason "declared" --dry-run\n' +
        '  outport quarantine settle --action discard --producer dp.sales.leads --reason "not ours"\n\n' +
        'What would be quarantined again is left open and reported as refused; the exit code is 1 then.\n',
    )
    .action(settle);
}

async function settle({
  reasonCode,
  producer,
  port,
  from,
  to,
  limit,
  output,
  actor,
  ...rest
}: SettleOptions): Promise<void> {
  const request = readQuery(QuarantineBatchRequest, {
    ...rest,
    filter: { reason: reasonCode, producer, port, from, to },
    ...(limit !== undefined && { limit: Number(limit) }),
  });
  const result = await withOperator((deps) => settleQuarantineBatch(request, toActor(actor), deps));
  printSettled(result, output);
}

function printSettled({ results, more }: QuarantineBatchResult, output: OutputForm): void {
  const settledColumns: Column<QuarantineResult>[] = [
    { name: 'result', value: ({ result }) => result },
    { name: 'event', value: ({ eventId }) => eventId },
    {
      name: 'problems',
      value: ({ problems }) => problems?.map(({ path, message }) => `${path}: ${message}`).join('; '),
    },
    { name: 'id', value: ({ id }) => id },
  ];
  printListing({ items: results }, settledColumns, output);
  if (more) print(paint.yellow('there are more; run it again'));
  const refused = results.filter(({ result }) => result === 'refused').length;
  if (refused > 0) throw new FailedError(`${refused} records were refused`, 'correct them one by one, or discard them');
}

function printResult({ id, result, eventId }: QuarantineResult): void {
  print(`${paint.green(result)}  ${id}${eventId === undefined ? '' : `  as ${toSafeText(eventId)}`}`);
}

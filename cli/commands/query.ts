import { type Command, Option } from 'commander';
import { SignalsQuery, TriggersQuery, VerdictsQuery } from '../../shared/contracts/api/queries.js';
import { qualityStatuses } from '../../shared/contracts/events/quality.js';
import type { Signal } from '../../shared/contracts/signal.js';
import { TriggerState } from '../../shared/contracts/trigger-state.js';
import { type Verdict, VerdictOutcome } from '../../shared/contracts/verdict.js';
import { queryTriggers, queryVerdicts } from '../../shared/pipeline/operators/query-ledger.js';
import { querySignals } from '../../shared/pipeline/operators/query-signals.js';
import type { LedgerEntry } from '../../shared/ports/ledger.js';
import { unwrap } from '../errors.js';
import { type Column, type OutputForm, outputOption, printListing } from '../listing/listing.js';
import { readQuery } from '../listing/read-query.js';
import { openOperator } from '../operate/open-operator.js';

interface ListOptions {
  readonly output: OutputForm;
}

/** `outport signals|triggers|verdicts`. */
export function addQueryCommands(program: Command): void {
  addSignals(program);
  addTriggers(program);
  addVerdicts(program);
}

function addPageOptions(command: Command): Command {
  return command
    .option('--limit <n>', 'most items in one page (default: 50)')
    .option('--cursor <cursor>', 'the next page, as the page before named it')
    .addOption(outputOption());
}

const signalExamples = `
Examples:
  outport signals
  outport signals --port op.sales.orders.daily --stage prod
  outport signals --quality failed --from 2026-03-10T00:00:00Z
  outport signals --correlation-id run-4711 --output json
  outport signals --event-id orders-2026-03-10 --output jsonl
`;

function addSignals(program: Command): void {
  const command = program
    .command('signals')
    .description('list stored signals, newest first')
    .option('--stage <stage>', 'only this stage')
    .option('--port <key>', 'of this output port')
    .option('--producer <key>', 'of this data product')
    .addOption(new Option('--quality <status>', 'with this quality').choices(qualityStatuses))
    .option('--correlation-id <id>', 'with this correlation id')
    .option('--event-id <id>', 'with this event id')
    .option('--from <time>', 'received at or after')
    .option('--to <time>', 'received before')
    .option('--scan', 'allow a walk over everything');
  addPageOptions(command)
    .addHelpText('after', signalExamples)
    .action(async ({ output, ...options }: ListOptions) => {
      const listed = unwrap(await querySignals(readQuery(SignalsQuery, options), openOperator()));
      printListing(listed, signalColumns, output);
    });
}

const signalColumns: Column<Signal>[] = [
  { name: 'received', value: ({ receivedAt }) => receivedAt },
  { name: 'stage', value: ({ stage }) => stage },
  { name: 'port', value: ({ outputPortKey, outputPortVersion }) => `${outputPortKey}@${outputPortVersion}` },
  { name: 'type', value: ({ eventType }) => eventType.replace(/^OutputPort/, '') },
  { name: 'watermark', value: ({ watermark, revision }) => (revision > 0 ? `${watermark} r${revision}` : watermark) },
  { name: 'quality', value: ({ qualityStatus, qualityScore }) => [qualityStatus, qualityScore].join(' ').trim() },
  { name: 'event', value: ({ eventId }) => eventId },
];

const triggerExamples = `
Examples:
  outport triggers --consumer dp.finance.revenue
  outport triggers --state pending
  outport triggers --consumer dp.finance.revenue --stage prod --output csv
  outport triggers --state sent --scan
`;

function addTriggers(program: Command): void {
  const command = program
    .command('triggers')
    .description('list triggers of a consumer, newest first, or those not sent yet, oldest first')
    .option('--consumer <key>', 'of this data product')
    .option('--state <state>', `in this state: ${TriggerState.options.join(', ')}`)
    .option('--stage <stage>', 'only this stage')
    .option('--scan', 'allow a walk over the whole ledger');
  addPageOptions(command)
    .addHelpText('after', triggerExamples)
    .action(async ({ output, ...options }: ListOptions) => {
      const listed = unwrap(await queryTriggers(readQuery(TriggersQuery, options), openOperator()));
      printListing(listed, triggerColumns, output);
    });
}

const triggerColumns: Column<LedgerEntry>[] = [
  { name: 'decided', value: ({ trigger }) => trigger.decidedAt },
  { name: 'state', value: ({ state }) => state },
  { name: 'cause', value: ({ trigger }) => trigger.cause },
  { name: 'subscription', value: ({ trigger }) => trigger.subscription },
  { name: 'watermark', value: ({ trigger }) => trigger.inputs.map(({ snapshot }) => snapshot.watermark).join(' ') },
  { name: 'sent', value: ({ sentAt }) => sentAt },
  { name: 'trigger', value: ({ trigger }) => trigger.triggerId },
];

const verdictExamples = `
Examples:
  outport verdicts sub.finance.revenue.orders
  outport verdicts sub.finance.revenue.orders --outcome not-matched --from 2026-03-10T00:00:00Z
`;

function addVerdicts(program: Command): void {
  const command = program
    .command('verdicts')
    .description('list the verdicts of a subscription, newest first')
    .argument('<subscription>', 'sub.<domain>.<product>.<name>')
    .addOption(new Option('--outcome <outcome>', 'with this outcome').choices(VerdictOutcome.options))
    .option('--stage <stage>', 'only this stage')
    .option('--from <time>', 'decided at or after')
    .option('--to <time>', 'decided before');
  addPageOptions(command)
    .addHelpText('after', verdictExamples)
    .action(async (subscription: string, { output, ...options }: ListOptions) => {
      const query = readQuery(VerdictsQuery, { ...options, subscription }, ['subscription']);
      printListing(unwrap(await queryVerdicts(query, openOperator())), verdictColumns, output);
    });
}

const verdictColumns: Column<Verdict>[] = [
  { name: 'decided', value: ({ decidedAt }) => decidedAt },
  { name: 'outcome', value: ({ outcome }) => outcome },
  { name: 'event', value: ({ eventId }) => eventId },
  {
    name: 'because',
    value: ({ gates }) => gates.flatMap(({ answer, code }) => (answer === 'pass' ? [] : [code])).join(', '),
  },
  { name: 'replay', value: ({ replay }) => replay },
  { name: 'trigger', value: ({ triggerId }) => triggerId },
];

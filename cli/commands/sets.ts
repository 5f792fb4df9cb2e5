import { type Command, Option } from 'commander';
import { type PendingSet, SetPath, SetRequest, type SetResult } from '../../shared/contracts/api/pending-set.js';
import { SetsQuery } from '../../shared/contracts/api/queries.js';
import { querySets } from '../../shared/pipeline/operators/query-sets.js';
import { releasePendingSet } from '../../shared/pipeline/operators/release-set.js';
import { clearPendingSet, showSet } from '../../shared/pipeline/operators/settle-set.js';
import { unwrap } from '../errors.js';
import { type Column, type OutputForm, outputOption, printListing } from '../listing/listing.js';
import { readQuery } from '../listing/read-query.js';
import { actorOption, toActor } from '../operate/actor.js';
import { openOperator, withOperator } from '../operate/open-operator.js';
import { toSetLines, toSetResultLines } from '../operate/set-lines.js';
import { print } from '../output.js';

const examples = `
Examples:
  outport sets sub.finance.forecast.day
  outport sets sub.finance.forecast.day --fired --output json
  outport sets show sub.finance.forecast.day 2026-03-10T00:00:00.000Z
  outport sets release sub.finance.forecast.day 2026-03-10T00:00:00.000Z --reason "no returns today" --dry-run
`;

/** `outport sets`, and `sets show|clear|release` for one of them. */
export function addSetsCommand(program: Command): void {
  const sets = program
    .command('sets')
    .description('list what a subscription with several inputs waits for: what is there, what is missing, who owns it')
    .argument('<subscription>', 'sub.<domain>.<product>.<name>')
    .option('--stage <stage>', 'only this stage')
    .option('--fired', 'those that fired too')
    .option('--limit <n>', 'most items in one page (default: 50)')
    .option('--cursor <cursor>', 'the next page, as the page before named it')
    .addOption(outputOption())
    .addHelpText('after', examples)
    .action(async (subscription: string, { output, ...options }: { output: OutputForm }) => {
      const query = readQuery(SetsQuery, { ...options, subscription }, ['subscription']);
      printListing(unwrap(await querySets(query, openOperator())), columns, output);
    });
  addShow(sets);
  addClear(sets);
  addRelease(sets);
}

const columns: Column<PendingSet>[] = [
  { name: 'stage', value: ({ stage }) => stage },
  { name: 'set', value: ({ set }) => set },
  { name: 'there', value: ({ present }) => present.map(({ input, eventId }) => `${input} (${eventId})`).join(', ') },
  { name: 'missing', value: ({ missing }) => missing.map(({ input, owner }) => `${input} (${owner})`).join(', ') },
  { name: 'released', value: ({ released }) => released?.by },
  { name: 'trigger', value: ({ triggerId }) => triggerId },
];

type TextForm = 'text' | 'json';

function textOption(): Option {
  return new Option('-o, --output <form>', 'form of the result').choices(['text', 'json']).default('text');
}

function addPath(command: Command): Command {
  return command
    .argument('<subscription>', 'sub.<domain>.<product>.<name>')
    .argument('<set>', 'as listed: the start of its period, or its mark');
}

function addShow(sets: Command): void {
  addPath(sets.command('show').description('show one set: what is there, what is missing, what it fired'))
    .addOption(textOption())
    .addHelpText('after', '\nExamples:\n  outport sets show sub.finance.forecast.day 2026-03-10T00:00:00.000Z\n')
    .action(async (subscription: string, set: string, { output }: { output: TextForm }) => {
      const shown = unwrap(await showSet(toPath(subscription, set), openOperator()));
      if (output === 'json') print(JSON.stringify(shown, null, 2));
      else toSetLines(shown).forEach(print);
    });
}

interface ChangeOptions {
  readonly reason: string;
  readonly dryRun?: true;
  readonly actor?: string;
  readonly output: TextForm;
}

function addChange(command: Command): Command {
  return addPath(command)
    .requiredOption('--reason <text>', 'why, for the audit log and for explain')
    .option('--dry-run', 'say what would be done, do nothing')
    .addOption(actorOption())
    .addOption(textOption());
}

function addClear(sets: Command): void {
  addChange(sets.command('clear').description('forget what came in of a set; what fired does not fire again'))
    .addHelpText(
      'after',
      '\nExamples:\n  outport sets clear sub.finance.forecast.day 2026-03-10T00:00:00.000Z --reason "test data" --dry-run\n' +
        '  outport sets clear sub.finance.forecast.day 2026-03-10T00:00:00.000Z --reason "test data"\n\n' +
        'Signals and verdicts stay. To bring an input back, replay its event or let its snapshot be sealed by another event.\n' +
        'Exit code 5 when nothing came in, or something came in at the same moment.\n',
    )
    .action(async (subscription: string, set: string, options: ChangeOptions) => {
      const path = toPath(subscription, set);
      printResult(unwrap(await clearPendingSet(path, toContext(options), openOperator())), options.output);
    });
}

function addRelease(sets: Command): void {
  addChange(sets.command('release').description('let a set go with what is there, although inputs are missing'))
    .addHelpText(
      'after',
      '\nExamples:\n  outport sets release sub.finance.forecast.day 2026-03-10T00:00:00.000Z --reason "no returns today" --dry-run\n' +
        '  outport sets release sub.finance.forecast.day 2026-03-10T00:00:00.000Z --reason "no returns today"\n\n' +
        'The trigger says who released it, why, and without what; pauses and other holds apply to it. What comes later for the\n' +
        'set no longer fires. Exit code 5 when it fired before, nothing is there, or something came in at the same moment.\n',
    )
    .action(async (subscription: string, set: string, options: ChangeOptions) => {
      const path = toPath(subscription, set);
      await withOperator(async (deps) =>
        printResult(unwrap(await releasePendingSet(path, toContext(options), deps)), options.output),
      );
    });
}

function toPath(subscription: string, set: string): SetPath {
  return readQuery(SetPath, { subscription, set }, ['subscription', 'set']);
}

function toContext({ actor, ...options }: ChangeOptions): SetRequest & { actor: string } {
  return { ...readQuery(SetRequest, options), actor: toActor(actor) };
}

function printResult(result: SetResult, output: TextForm): void {
  if (output === 'json') print(JSON.stringify(result, null, 2));
  else toSetResultLines(result).forEach(print);
}

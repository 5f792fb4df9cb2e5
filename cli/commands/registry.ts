import { type Command, InvalidArgumentError, Option } from 'commander';
import { apply } from '../registry/apply-command.js';
import { tryOut } from '../registry/backtest-command.js';
import { diff, exportTo, graph, plan, validate, versions } from '../registry/read-commands.js';

const folder = 'folder with *.yaml, *.yml or *.json files';
const reference = 'a folder, "current" for the version in force, or a version';
const examples = (...lines: string[]): string =>
  `\nExamples:\n${lines.map((line) => `  outport registry ${line}\n`).join('')}`;

/** `outport registry validate|plan|backtest|apply|diff|graph|versions|export`. */
export function addRegistryCommands(program: Command): void {
  const registry = program.command('registry').description('check, plan, apply and look at the registry');
  addChecks(registry);
  addBacktest(registry);
  addApply(registry);
  addLooks(registry);
}

function addChecks(registry: Command): void {
  registry
    .command('validate')
    .description('check a folder of registry files; talks to nobody')
    .argument('<dir>', folder)
    .option('--json', 'print JSON')
    .addHelpText('after', examples('validate examples/registry', 'validate registry --json | jq .problems'))
    .action(validate);
  registry
    .command('plan')
    .description('what applying a folder would do: entries, triggers, ports, channels; changes nothing')
    .argument('<dir>', folder)
    .option('--json', 'print JSON')
    .addHelpText('after', examples('plan registry', 'plan registry --json | jq .effects.stops'))
    .action(plan);
}

function addBacktest(registry: Command): void {
  registry
    .command('backtest')
    .description('decide stored signals again under a folder; which triggers would be gained, lost or delayed')
    .argument('<dir>', folder)
    .option('--days <count>', 'how far back', toCount, 7)
    .option('--stage <stage>', 'signals of which stage', 'prod')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('backtest registry --days 14', 'backtest registry --stage test --json | jq .lost'))
    .action(tryOut);
}

function addApply(registry: Command): void {
  registry
    .command('apply')
    .description('check a folder of registry files and put it in force, all of it or nothing')
    .argument('<dir>', folder)
    .option('--actor <name>', 'who applies, as recorded with the version (default: the user)')
    .option('--reason <text>', 'why, as recorded with the version')
    .option('--expect <version>', 'refuse when another version than this is in force')
    .option('--yes', 'remove channels that still hold messages without asking')
    .addHelpText(
      'after',
      examples(
        'apply examples/registry',
        'apply registry --actor release-42 --reason "new forecast"',
        'apply registry --expect 000041-0123456789ab --yes',
      ),
    )
    .action(apply);
}

function addLooks(registry: Command): void {
  registry
    .command('diff')
    .description('compare two registries: entries, and what they would make happen')
    .argument('<from>', reference)
    .argument('[to]', reference, 'current')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('diff current registry', 'diff 000041-0123456789ab current --json'))
    .action(diff);
  registry
    .command('graph')
    .description('draw who feeds whom')
    .argument('[registry]', reference, 'current')
    .addOption(new Option('--format <format>', 'how').choices(['mermaid', 'dot', 'json']).default('mermaid'))
    .option('--stage <stage>', 'only subscriptions for this stage')
    .addHelpText(
      'after',
      examples('graph examples/registry', 'graph --format dot --stage prod | dot -Tsvg > graph.svg'),
    )
    .action(graph);
  registry
    .command('versions')
    .description('list the versions that are and were in force, newest first')
    .option('--limit <count>', 'at most so many', toCount, 20)
    .option('--json', 'print JSON')
    .addHelpText('after', examples('versions', 'versions --limit 3 --json'))
    .action(versions);
  registry
    .command('export')
    .description('write a version as files; applying them again changes nothing')
    .argument('[dir]', 'new or empty folder; without it the files are printed as one')
    .option('--version <version>', 'which version', 'current')
    .addHelpText('after', examples('export backup', 'export --version 000041-0123456789ab > old.yaml'))
    .action(exportTo);
}

function toCount(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1.');
}

import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { openConsumerChannels, openStores } from '../../shared/adapters/open-adapters.js';
import { applyRegistry, type ApplyOutcome, type ChannelChanges } from '../../shared/pipeline/apply-registry.js';
import { loadSettings } from '../environment.js';
import { FailedError, InputError } from '../errors.js';
import { paint, print, toSafeText } from '../output.js';
import { toProblemCount, toProblemLines } from '../registry/problem-lines.js';
import { type LoadedRegistry, loadRegistry } from '../registry/registry-files.js';

/** `outport registry validate|apply`. */
export function addRegistryCommands(program: Command): void {
  const registry = program.command('registry').description('check and apply the registry files');
  registry
    .command('validate')
    .description('check a folder of registry files; talks to nobody')
    .argument('<dir>', 'folder with *.yaml, *.yml or *.json files')
    .addHelpText('after', '\nExamples:\n  outport registry validate examples/registry\n')
    .action(validate);
  registry
    .command('apply')
    .description('check a folder of registry files and put it in force')
    .argument('<dir>', 'folder with *.yaml, *.yml or *.json files')
    .option('--actor <name>', 'who applies, as recorded with the version (default: the user)')
    .addHelpText(
      'after',
      '\nExamples:\n  outport registry apply examples/registry\n  outport registry apply registry --actor release-42\n',
    )
    .action(apply);
}

async function validate(dir: string): Promise<void> {
  const loaded = await loadChecked(dir);
  print(`${paint.green('valid')}  ${toSizes(loaded)} in ${loaded.files} files`);
}

/** Load a registry, print what is noteworthy, and refuse one with errors. @throws InputError */
async function loadChecked(dir: string): Promise<LoadedRegistry> {
  const loaded = await loadRegistry(dir);
  for (const line of loaded.problems.flatMap(toProblemLines)) print(line);
  if (loaded.problems.some((problem) => problem.severity === 'error')) {
    throw new InputError(`${dir}: ${toProblemCount(loaded.problems)}`, 'mend the errors named above, then try again');
  }
  return loaded;
}

function toSizes({ document }: LoadedRegistry): string {
  const { products, ports, subscriptions } = document;
  return `${products.length} data products, ${ports.length} output ports, ${subscriptions.length} subscriptions`;
}

async function apply(dir: string, options: { actor?: string }): Promise<void> {
  const { document } = await loadChecked(dir);
  const settings = loadSettings();
  const stores = openStores(settings);
  await stores.ensureTables();
  const outcome = await applyRegistry(document, options.actor ?? userInfo().username, {
    registryStore: stores.registryStore,
    channels: openConsumerChannels(settings),
    clock: { nowMs: () => Date.now() },
  });
  report(outcome);
}

function report(outcome: ApplyOutcome): void {
  switch (outcome.kind) {
    case 'applied':
      for (const entry of outcome.plan.added) print(`  ${paint.green('added')}    ${entry.key}`);
      for (const entry of outcome.plan.changed) print(`  ${paint.yellow('changed')}  ${entry.key}`);
      for (const entry of outcome.plan.removed) print(`  ${paint.red('removed')}  ${entry.key}`);
      reportChannels(outcome.channels);
      print(`${paint.green('applied')}  registry ${outcome.version} is in force`);
      return;
    case 'already-in-force':
      reportChannels(outcome.channels);
      print(`registry ${outcome.version} is already in force, nothing to do`);
      return;
    case 'overtaken': {
      const by = outcome.by ? `${outcome.by.version} by ${toSafeText(outcome.by.appliedBy)}` : 'another version';
      throw new FailedError(
        `not applied: ${by} was applied in between`,
        'look at what changed there, bring your files up to date, then apply again',
      );
    }
    case 'refused':
      for (const line of outcome.problems.flatMap(toProblemLines)) print(line);
      throw new InputError(`not applied: ${toProblemCount(outcome.problems)}`, 'mend them, then apply again');
    default:
      outcome satisfies never;
  }
}

function reportChannels({ created, removed }: ChannelChanges): void {
  for (const consumer of created) print(`  ${paint.green('channel')}  ${consumer} can receive triggers`);
  for (const consumer of removed) print(`  ${paint.red('channel')}  ${toSafeText(consumer)} removed`);
}

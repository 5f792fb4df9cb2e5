import { userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { openConsumerChannels, openStores } from '../../shared/adapters/open-adapters.js';
import type { RegistryDocument } from '../../shared/contracts/registry.js';
import { applyRegistry, type ApplyOutcome } from '../../shared/pipeline/apply-registry.js';
import type { ChannelChanges, WaitingChannel } from '../../shared/pipeline/registry/channels.js';
import { loadSettings } from '../environment.js';
import { FailedError, InputError } from '../errors.js';
import { note, paint, print, toSafeText } from '../output.js';
import { loadChecked } from './load-checked.js';
import { toMessages, toPlanLines } from './plan-lines.js';
import { toProblemCount, toProblemLines } from './problem-lines.js';

export interface ApplyOptions {
  readonly actor?: string;
  readonly reason?: string;
  readonly expect?: string;
  readonly yes?: boolean;
}

/** `outport registry apply` */
export async function apply(dir: string, options: ApplyOptions): Promise<void> {
  const { document } = await loadChecked(dir, print);
  const settings = loadSettings();
  const stores = openStores(settings);
  await stores.ensureTables();
  const deps = { ...stores, channels: openConsumerChannels(settings), clock: { nowMs: () => Date.now() } };
  const attempt = (mayLoseMessages: boolean): Promise<ApplyOutcome> =>
    applyRegistry(document, toRequest(options, mayLoseMessages), deps);
  const outcome = await attempt(options.yes === true);
  if (outcome.kind !== 'confirmation-needed') return report(outcome, document);
  await confirmLoss(outcome.channels);
  report(await attempt(true), document);
}

function toRequest({ actor, reason, expect: expected }: ApplyOptions, mayLoseMessages: boolean) {
  return {
    actor: actor ?? userInfo().username,
    ...(reason !== undefined && { reason }),
    ...(expected !== undefined && { expected }),
    mayLoseMessages,
  };
}

/** @throws InputError when nobody can be asked, or the answer is no */
async function confirmLoss(channels: readonly WaitingChannel[]): Promise<void> {
  for (const { consumer, waiting } of channels) {
    note(`${toSafeText(consumer)} would lose its channel and ${toMessages(waiting)}`);
  }
  if (!process.stdin.isTTY) {
    const next = 'let the consumers finish first, or repeat with --yes';
    throw new InputError('not applied: channels that still hold messages would be removed', next);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question('Remove them? [y/N] ');
    if (!/^y(?:es)?$/i.test(answer.trim())) throw new InputError('not applied', 'nothing was changed');
  } finally {
    terminal.close();
  }
}

function report(outcome: ApplyOutcome, document: RegistryDocument): void {
  switch (outcome.kind) {
    case 'applied':
      for (const line of toPlanLines(outcome.plan)) print(line);
      reportChannels(outcome.channels);
      print(`${paint.green('applied')}  registry ${outcome.version} is in force (${toSizes(document)})`);
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
    case 'confirmation-needed':
      throw new FailedError('not applied: channels filled up again meanwhile', 'look at the plan, then apply again');
    case 'refused':
      for (const line of outcome.problems.flatMap(toProblemLines)) print(line);
      throw new InputError(`not applied: ${toProblemCount(outcome.problems)}`, 'mend them, then apply again');
    default:
      outcome satisfies never;
  }
}

/** `3 data products, 4 output ports, 5 subscriptions` */
export function toSizes({ products, ports, subscriptions, standards = [] }: RegistryDocument): string {
  const own = `${products.length} data products, ${ports.length} output ports, ${subscriptions.length} subscriptions`;
  return standards.length === 0 ? own : `${own}, ${standards.length} standard documents`;
}

function reportChannels({ created, removed, kept }: ChannelChanges): void {
  for (const consumer of created) print(`  ${paint.green('channel')}  ${consumer} can receive triggers`);
  for (const consumer of removed) print(`  ${paint.red('channel')}  ${toSafeText(consumer)} removed`);
  for (const { consumer, waiting } of kept) {
    const what = `${toSafeText(consumer)} still holds ${toMessages(waiting)} and stays; apply again to remove it`;
    print(`  ${paint.yellow('channel')}  ${what}`);
  }
}

import { type Command, InvalidArgumentError } from 'commander';
import { createEventHubPublisher } from '../../shared/adapters/event-hubs/publisher.js';
import { openServiceBus } from '../../shared/adapters/service-bus/clients.js';
import { ReceiptStatus } from '../../shared/contracts/events/trigger-receipt.js';
import { DataProductKey } from '../../shared/contracts/keys.js';
import type { Trigger } from '../../shared/contracts/trigger.js';
import { receiveTriggers } from '../consume/trigger-receiver.js';
import { untilInterrupted } from '../consume/interruption.js';
import { loadSettings } from '../environment.js';
import { FailedError } from '../errors.js';
import { note, paint, print, toSafeText } from '../output.js';

interface ConsumeOptions {
  readonly consumer: string;
  readonly stage?: string;
  readonly receipts: readonly ReceiptStatus[];
  readonly max?: number;
  readonly timeout?: number;
  readonly json?: true;
}

const examples = `
Examples:
  outport consume --consumer dp.finance.revenue
  outport consume --consumer dp.finance.revenue --stage prod --max 1 --timeout 60
  outport consume --consumer dp.finance.revenue --json --receipts none | jq .triggerId

Each trigger is acted on once, also when it is delivered again. Its message is completed after its receipts are sent.
With --max, the exit code is 1 when the time ran out first.
`;

/** `outport consume`. */
export function addConsumeCommand(program: Command): void {
  program
    .command('consume')
    .description('receive the triggers of one consumer, as a consumer would')
    .requiredOption('--consumer <key>', 'data product that consumes, dp.<domain>.<product>', toConsumer)
    .option('--stage <stage>', 'only this stage; others are put back at the end')
    .option('--receipts <list>', 'receipts to report, or "none"', toReceipts, ['accepted', 'succeeded'])
    .option('--max <n>', 'stop after this many triggers', toCount)
    .option('--timeout <seconds>', 'stop after this time', toCount)
    .option('--json', 'print each trigger as one line of JSON')
    .addHelpText('after', examples)
    .action(consume);
}

function toConsumer(text: string): string {
  const parsed = DataProductKey.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError('It must look like dp.<domain>.<product>.');
}

function toReceipts(text: string): ReceiptStatus[] {
  if (text === 'none') return [];
  return text.split(',').map((status) => {
    const parsed = ReceiptStatus.safeParse(status.trim());
    if (parsed.success) return parsed.data;
    throw new InvalidArgumentError(`Use "none" or some of ${ReceiptStatus.options.join(',')}.`);
  });
}

function toCount(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1.');
}

async function consume(options: ConsumeOptions): Promise<void> {
  const settings = loadSettings();
  const client = openServiceBus(settings.serviceBus);
  const publisher = createEventHubPublisher(settings.eventHub, settings.hub);
  const interruption = untilInterrupted(options.timeout);
  try {
    const { consumer, stage, receipts, max } = options;
    if (!options.json) note(`waiting for triggers of ${consumer}; Ctrl-C ends`);
    const received = await receiveTriggers(
      {
        client,
        topic: settings.topic,
        consumer,
        ...(stage !== undefined && { stage }),
        receipts,
        publisher,
        onTrigger: (trigger) => print(options.json ? JSON.stringify(trigger) : toLines(trigger, receipts).join('\n')),
        onOther: (what) => note(toSafeText(what)),
      },
      { signal: interruption.signal, ...(max !== undefined && { max }) },
    );
    if (max !== undefined && received < max) {
      throw new FailedError(
        `${received} of ${max} triggers came`,
        'wait longer with --timeout, and check that the subscription takes what is published',
      );
    }
  } finally {
    interruption.dispose();
    await Promise.allSettled([client.close(), publisher.close()]);
  }
}

/** A trigger for people: what fired, on which snapshot, with which answers. */
function toLines(trigger: Trigger, receipts: readonly ReceiptStatus[]): string[] {
  const inputs = trigger.inputs.map(({ outputPort, snapshot }) => {
    const score = snapshot.quality.score === undefined ? '' : ` ${snapshot.quality.score}`;
    const revision = snapshot.revision === 0 ? '' : ` revision ${snapshot.revision}`;
    return `  ${outputPort.key}@${outputPort.version}  watermark ${snapshot.watermark}${revision}  quality ${snapshot.quality.status}${score}`;
  });
  const kind = trigger.kind === 'revocation' ? paint.red('revoked') : paint.green('trigger');
  const head = `${kind}  ${trigger.subscription}  ${trigger.stage}  ${paint.dim(trigger.triggerId)}`;
  const more = [
    ...(trigger.revokes ?? []).map((triggerId) => `  takes back ${triggerId}`),
    ...(trigger.absorbed ?? []).map(({ triggerId }) => `  stands for ${triggerId} too`),
  ];
  const tail = receipts.length === 0 ? [] : [`  ${paint.dim(`reporting ${receipts.join(', ')}`)}`];
  return [head, ...inputs.map(toSafeText), ...more, ...tail];
}

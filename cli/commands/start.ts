import { once } from 'node:events';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { createEventHubPublisher } from '../../shared/adapters/event-hubs/publisher.js';
import { openConsumerChannels, openStores } from '../../shared/adapters/open-adapters.js';
import { openServiceBus } from '../../shared/adapters/service-bus/clients.js';
import type { RegistryDocument } from '../../shared/contracts/registry.js';
import { toConsumers } from '../../shared/domain/registry/plan.js';
import { applyRegistry } from '../../shared/pipeline/apply-registry.js';
import { type Interruption, untilInterrupted } from '../consume/interruption.js';
import { defaultPorts } from '../environment.js';
import { FailedError } from '../errors.js';
import { note, paint, print } from '../output.js';
import { findPackageDir } from '../package-dir.js';
import { loadRegistry } from '../registry/registry-files.js';
import { type DayStep, loadDay } from '../start/day-file.js';
import { type Embedded, startEmbedded, toConnections } from '../start/embedded-stack.js';
import { exampleReceipts, startExampleConsumers } from '../start/example-consumers.js';
import { playDay } from '../start/play-day.js';
import { collectReceipts } from '../start/receipts.js';
import { type DaySummary, toSummary } from '../start/summary.js';
import { toReceiptLines, toStepLines } from '../start/timeline.js';

interface StartOptions {
  readonly once?: true;
  readonly fresh?: true;
  readonly verbose?: true;
  readonly dataDir: string;
  readonly amqpPort: number;
  readonly httpPort: number;
  readonly tablePort: number;
  readonly blobPort: number;
  readonly adminPort: number;
}

const examples = `
Examples:
  outport start                      bring everything up, play the example day, serve until Ctrl-C
  outport start --once --fresh       play it on empty stores, compare with what is expected, stop
  outport start --data-dir /tmp/b --amqp-port 0 --http-port 0 --table-port 0 --blob-port 0 --admin-port 0
                                     a second copy, on free ports and data of its own

The day played is yesterday (UTC). Its event ids contain the date: started again on the same data, every event ends as a
duplicate and no consumer gets a second trigger. With --once the last line is a JSON summary, and the exit code is 0
exactly when every event ended as examples/day.yaml expects.
`;

const stepTimeoutMs = 180_000;

/** `outport start`. */
export function addStartCommand(program: Command): void {
  const command = program
    .command('start')
    .description('run everything on this machine: storage, broker, functions, and an example day')
    .option('--once', 'stop after the example day and compare it with what is expected')
    .option('--fresh', 'remove the data of earlier runs first')
    .option('--verbose', 'show the output of every part')
    .option('--data-dir <dir>', 'where data and logs are kept', '.outport');
  for (const name of ['amqp', 'http', 'table', 'blob', 'admin'] as const) {
    command.option(`--${name}-port <port>`, 'port to listen on; 0 takes a free one', toPort, defaultPorts[name]);
  }
  command.addHelpText('after', examples).action(start);
}

function toPort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('It must be a port number, 0 to 65535.');
}

async function start(options: StartOptions): Promise<void> {
  const appDir = findPackageDir();
  const steps = await loadDay(join(appDir, 'examples/day.yaml'), Date.now());
  const { document } = await loadRegistry(join(appDir, 'examples/registry'));
  const interruption = untilInterrupted();
  const { amqpPort: amqp, httpPort: http, tablePort: table, blobPort: blob, adminPort: admin, dataDir } = options;
  const ports = { amqp, http, table, blob, admin };
  try {
    const flags = { fresh: options.fresh === true, verbose: options.verbose === true };
    const embedded = await startEmbedded({ appDir, dataDir, ports, ...flags });
    try {
      const summary = await playExample(embedded, { steps, document, interruption });
      if (options.once) return report(summary);
      await serve(embedded, summary, interruption);
    } finally {
      await embedded.stack.stop();
    }
  } finally {
    interruption.dispose();
  }
}

interface Example {
  readonly steps: readonly DayStep[];
  readonly document: RegistryDocument;
  readonly interruption: Interruption;
}

/** Apply the example registry, let its consumers listen, play the day and add it up. */
async function playExample({ settings }: Embedded, { steps, document, interruption }: Example): Promise<DaySummary> {
  const { signal } = interruption;
  const stores = openStores(settings);
  await stores.ensureTables();
  const channels = openConsumerChannels(settings);
  const clock = { nowMs: () => Date.now() };
  const applied = await applyRegistry(document, { actor: 'outport start' }, { ...stores, channels, clock });
  if (applied.kind !== 'applied' && applied.kind !== 'already-in-force') {
    throw new FailedError(`the example registry was not applied (${applied.kind})`, 'run "outport registry validate"');
  }
  note(`registry ${applied.version} is in force`);
  const client = openServiceBus(settings.serviceBus);
  const publisher = createEventHubPublisher(settings.eventHub, settings.hub);
  const { topic, stages } = settings;
  const consumers = startExampleConsumers({ client, topic, publisher, consumers: toConsumers(document) });
  try {
    const observe = { ...stores, stages, document };
    const onStep = (step: Parameters<typeof toStepLines>[0]): void => toStepLines(step).forEach(print);
    const played = await playDay(steps, { publisher, observe, onStep, signal, stepTimeoutMs });
    const wait = { ledger: stores.ledger, timeoutMs: stepTimeoutMs, signal };
    const receipts = await collectReceipts(played, exampleReceipts, wait);
    print(`${paint.bold('receipts')}`);
    toReceiptLines(receipts).forEach(print);
    return toSummary(steps.length, played, receipts, consumers.received);
  } finally {
    await consumers.stop();
    await Promise.allSettled([client.close(), publisher.close()]);
  }
}

function report(summary: DaySummary): void {
  print(JSON.stringify(summary));
  if (summary.ok) return;
  throw new FailedError(
    `${summary.mismatches.length} differences from what examples/day.yaml expects`,
    'they are marked "unexpected" above and listed in the summary',
  );
}

async function serve({ stack }: Embedded, summary: DaySummary, { signal }: Interruption): Promise<void> {
  const { ok, events, signals, duplicates, quarantined, triggers } = summary;
  print('');
  print(
    `${events} events: ${signals} signals, ${duplicates} duplicates, ${quarantined} quarantined; ${triggers} triggers` +
      (ok ? '' : paint.red(`; ${summary.mismatches.length} differences from what was expected`)),
  );
  print(`serving at ${stack.endpoints.httpUrl} (try "outport emit" and "outport consume"); Ctrl-C ends`);
  print(paint.dim('other programs reach it with these settings:'));
  for (const [name, value] of Object.entries(toConnections(stack.endpoints))) print(`  export ${name}='${value}'`);
  if (!signal.aborted) await once(signal, 'abort');
}

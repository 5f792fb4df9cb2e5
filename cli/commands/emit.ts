import { type Command, InvalidArgumentError, Option } from 'commander';
import { createEventHubPublisher, type OutgoingEvent } from '../../shared/adapters/event-hubs/publisher.js';
import { qualityStatuses } from '../../shared/contracts/events/quality.js';
import { decodeEvent } from '../../shared/domain/decode/decode-event.js';
import { envelopes, readText, toOutgoingEvent } from '../emit/outgoing-event.js';
import { readBytes, readEvents } from '../emit/read-events.js';
import { openSigner } from '../emit/signer.js';
import { type SealedFlags, toSealedEvent } from '../emit/sealed-event.js';
import { loadSettings } from '../environment.js';
import { InputError } from '../errors.js';
import { paint, print, toSafeText } from '../output.js';

interface EmitOptions extends SealedFlags {
  readonly cloudevents?: 'structured' | 'binary';
  readonly raw?: true;
  readonly partitionKey?: string;
  readonly validate: boolean;
  readonly dryRun?: true;
  readonly signKey?: string;
  readonly keyId?: string;
}

interface Prepared {
  readonly from: string;
  readonly outgoing: OutgoingEvent;
}

const examples = `
Examples:
  outport emit event.json
  producer-job | outport emit -
  outport emit --cloudevents binary event.json
  outport emit --sign-key orders.pem --key-id k1 event.json
  outport emit --port op.sales.orders.daily --version 2.1.0 --stage prod \\
    --watermark 2026-03-11T00:00:00Z --schema-hash sha256:9f2c1a7be04d55e1 --score 0.99
`;

/** `outport emit`. */
export function addEmitCommand(program: Command): void {
  const command = program
    .command('emit')
    .description('publish readiness events: from files, standard input, or flags for one sealed snapshot')
    .argument('[files...]', 'JSON files (one object, a list, or one object a line); "-" is standard input')
    .addOption(new Option('--cloudevents <mode>', 'wrap as CloudEvents 1.0').choices(envelopes.slice(1)))
    .option('--raw', 'send each file as it is, bytes untouched and unchecked')
    .option('--partition-key <key>', 'partition key (default: the output port)')
    .option('--sign-key <file>', 'sign each body with this Ed25519 private key (PEM); needs --key-id')
    .option('--key-id <id>', 'name of the key in the registry')
    .option('--no-validate', 'send even what Outport would quarantine')
    .option('--dry-run', 'check and print, send nothing');
  addSealedFlags(command);
  command.addHelpText('after', examples).action(emit);
}

function addSealedFlags(command: Command): void {
  command
    .option('--port <key>', 'output port, op.<domain>.<product>.<port>')
    .option('--version <semver>', 'contract version of the port')
    .option('--stage <stage>', 'dev, test, prod')
    .option('--watermark <mark>', 'up to when the data is complete')
    .option('--schema-hash <hash>', 'sha256:<hex>')
    .addOption(new Option('--quality <status>', 'quality status').choices(qualityStatuses))
    .option('--ruleset <name>', 'quality rules that were run')
    .option('--score <share>', 'share of rules met, 0 to 1', toNumber)
    .option('--product <key>', 'producing data product (default: from the port)')
    .option('--record-count <n>', 'records in the snapshot', toNumber)
    .option('--revision <n>', 'higher for a corrected snapshot', toNumber)
    .option('--batch-id <id>', 'batch the snapshot came from')
    .option('--partition <name>', 'part of the data the snapshot covers')
    .option('--event-id <id>', 'id of the event (default: a new one)')
    .option('--correlation-id <id>', 'your run, to find it again')
    .option('--occurred-at <time>', 'ISO 8601 time (default: now)');
}

function toNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

async function emit(files: string[], options: EmitOptions): Promise<void> {
  const prepared = await prepare(files, options);
  if (options.validate && !options.raw) refuseInvalid(prepared);
  if (!options.dryRun) {
    const settings = loadSettings();
    const publisher = createEventHubPublisher(settings.eventHub, settings.hub);
    try {
      await publisher.publish(prepared.map(({ outgoing }) => outgoing));
    } finally {
      await publisher.close();
    }
  }
  const done = options.dryRun ? paint.dim('valid') : paint.green('sent');
  for (const each of prepared) print(`${done}  ${describe(each)}`);
}

async function prepare(files: readonly string[], options: EmitOptions): Promise<Prepared[]> {
  const envelope = options.cloudevents ?? 'plain';
  const sign = await openSigner(options);
  const keyed = (outgoing: OutgoingEvent): OutgoingEvent =>
    sign(options.partitionKey === undefined ? outgoing : { ...outgoing, partitionKey: options.partitionKey });
  if (files.length === 0) {
    if (options.raw) throw new InputError('--raw needs a file', 'name one, or "-" for standard input');
    const event = toSealedEvent(options, Date.now());
    return [{ from: 'flags', outgoing: keyed(toOutgoingEvent(event, envelope)) }];
  }
  const prepared: Prepared[] = [];
  for (const file of files) {
    if (options.raw) {
      prepared.push({ from: file, outgoing: keyed({ body: await readBytes(file), partitionKey: 'raw' }) });
      continue;
    }
    const inputs = await readEvents(file);
    prepared.push(...inputs.map(({ from, value }) => ({ from, outgoing: keyed(toOutgoingEvent(value, envelope)) })));
  }
  return prepared;
}

/** Check every event as ingest would, and name everything wrong at once. @throws InputError; nothing was sent */
function refuseInvalid(prepared: readonly Prepared[]): void {
  const problems = prepared.flatMap(({ from, outgoing }) => {
    const decoded = decodeEvent(outgoing.body, outgoing.properties ?? {});
    if (decoded.ok) return [];
    return decoded.problems.map(({ path, message }) => toSafeText(`${from}: ${path}: ${message} [${decoded.reason}]`));
  });
  if (problems.length === 0) return;
  throw new InputError(
    `nothing was sent, ${problems.length === 1 ? 'one problem' : `${problems.length} problems`}:\n  ${problems.join('\n  ')}`,
    'correct the events ("outport schema" prints their schemas), or send them as they are with --no-validate',
  );
}

function describe({ from, outgoing }: Prepared): string {
  const decoded = decodeEvent(outgoing.body, outgoing.properties ?? {});
  if (!decoded.ok) return toSafeText(`${from}  ${outgoing.body.byteLength} bytes  key ${outgoing.partitionKey}`);
  const { event } = decoded;
  const port = readText(event, 'outputPort', 'key') ?? '';
  const version = readText(event, 'outputPort', 'version');
  const stage = readText(event, 'outputPort', 'stage') ?? '';
  return toSafeText([event.eventType, event.eventId, version ? `${port}@${version}` : port, stage].join('  ').trim());
}

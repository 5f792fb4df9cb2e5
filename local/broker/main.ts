import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Broker, type BrokerOptions, startBroker } from './broker.js';
import { parseBrokerConfig } from './config.js';

/** Exit code for a start that cannot succeed as it was asked for. */
const badStart = 2;

/**
 * The broker as a process of its own: `--config <file>`. Prints one JSON line when it listens, ends on SIGTERM, SIGINT,
 * or when its standard input closes, so that it never outlives whoever started it with a pipe.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: 'string' } } });
  if (values.config === undefined) return fail('--config <file> is missing');
  const parsed = parseBrokerConfig(readFileSync(values.config, 'utf8'));
  if (!parsed.ok) return fail(`${values.config}: ${parsed.problems.join('; ')}`);
  const broker = await start(parsed.value);
  if (!broker) return;
  process.stdout.write(`${JSON.stringify({ ready: true, amqpPort: broker.amqpPort, adminPort: broker.adminPort })}\n`);
  const stop = (): void => void broker.close().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.stdin.once('end', stop).resume();
}

async function start(options: BrokerOptions): Promise<Broker | undefined> {
  try {
    return await startBroker(options);
  } catch (error) {
    fail(toSentence(error));
    return undefined;
  }
}

function toSentence(error: unknown): string {
  const { code, port } = error as { code?: string; port?: number }; // Node's socket errors carry both
  if (code === 'EADDRINUSE') return `port ${String(port)} is taken; choose another with amqpPort or adminPort`;
  return error instanceof Error ? error.message : String(error);
}

function fail(sentence: string): void {
  process.stderr.write(`broker: ${sentence}\n`);
  process.exitCode = badStart;
}

await main();

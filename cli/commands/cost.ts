import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type BillLine, toBill } from '../cost/bill.js';
import { Prices } from '../cost/prices.js';
import {
  type Batch,
  batches,
  type Load,
  toActivatorUsage,
  toLogicAppsUsage,
  toOutportUsage,
  toUnbatchedUsage,
} from '../cost/usage.js';
import { InputError } from '../errors.js';
import { paint, print } from '../output.js';
import { findPackageDir } from '../package-dir.js';

interface CostOptions {
  readonly signals: number;
  readonly consumers: number;
  readonly batch: Batch;
  readonly prices?: string;
  readonly json?: true;
}

/** A way to do the work, with its bill for a month. */
interface Offer {
  readonly name: string;
  readonly lines: readonly BillLine[];
  readonly total: number;
}

/** `outport cost`. */
export function addCostCommand(program: Command): void {
  program
    .command('cost')
    .description('estimate what signals cost a month on Azure, from counted calls and a price file')
    .option('--signals <n>', 'signals a month', toCount, 1_000_000)
    .option('--consumers <n>', 'consumers triggered by each signal', toCount, 1)
    .addOption(
      new Option('--batch <n>', 'signals that arrive together')
        .choices(batches.map(String))
        .default(100, '100')
        .argParser(toBatch),
    )
    .option('--prices <file>', 'your own prices, in the form of examples/prices.json')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  outport cost\n  outport cost --signals 5000000 --consumers 3 --batch 10\n')
    .action(cost);
}

function toCount(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return value;
}

function toBatch(text: string): Batch {
  const batch = batches.find((each) => String(each) === text);
  if (batch === undefined) throw new InvalidArgumentError(`It must be one of ${batches.join(', ')}.`);
  return batch;
}

function cost(options: CostOptions): void {
  const prices = readPrices(options.prices ?? join(findPackageDir(), 'examples', 'prices.json'));
  const offers = toOffers(options, prices);
  if (options.json) return print(JSON.stringify({ load: toLoad(options), prices, offers }, null, 2));
  const { signals, consumers, batch } = options;
  print(`${signals} signals a month, ${consumers} trigger(s) each, arriving by ${batch}`);
  for (const offer of offers) printOffer(offer, prices.currency);
  print(paint.dim(`${prices.region} list prices of ${prices.asOf}. ${prices.note}`));
}

function toLoad({ signals, consumers, batch }: CostOptions): Load {
  return { signals, consumers, batch };
}

function toOffers(options: CostOptions, prices: Prices): Offer[] {
  const load = toLoad(options);
  const usages = {
    Outport: toOutportUsage(load, 'direct'),
    'Outport with OUTPORT_HAND_ON=queued': toOutportUsage(load, 'queued'),
    'one event per invocation, one request per row': toUnbatchedUsage(load),
    'Event Grid and Logic Apps': toLogicAppsUsage(load),
    'Fabric Activator on the smallest capacity': toActivatorUsage(),
  };
  return Object.entries(usages).map(([name, usage]) => {
    const lines = toBill(usage, prices);
    return { name, lines, total: lines.reduce((sum, { amount }) => sum + amount, 0) };
  });
}

function printOffer({ name, lines, total }: Offer, currency: string): void {
  print(`\n${toAmount(total)} ${currency}  ${paint.bold(name)}`);
  for (const { what, amount } of lines) print(`${toAmount(amount)}      ${what}`);
}

function toAmount(amount: number): string {
  return amount.toFixed(2).padStart(10);
}

/** @throws InputError naming the file and every member that is wrong */
function readPrices(file: string): Prices {
  try {
    const parsed = Prices.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    if (parsed.success) return parsed.data;
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new InputError(`${file}: ${problems.join('; ')}`, 'compare it with examples/prices.json');
  } catch (error) {
    if (error instanceof InputError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`${file} cannot be read as prices: ${reason}`, 'name a JSON file like examples/prices.json');
  }
}

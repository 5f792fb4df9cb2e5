import { createMemoryLedger } from '../../shared/adapters/memory/ledger.js';
import { createMemoryPortStates } from '../../shared/adapters/memory/port-states.js';
import { createMemoryQuarantineStore } from '../../shared/adapters/memory/quarantine-store.js';
import { openStores } from '../../shared/adapters/open-adapters.js';
import type { BacktestReport, ReportedTrigger } from '../../shared/domain/registry/backtest-report.js';
import { backtest } from '../../shared/pipeline/registry/backtest.js';
import { readRegistry } from '../../shared/pipeline/registry/in-force.js';
import { loadSettings } from '../environment.js';
import { InputError } from '../errors.js';
import { paint, print, toSafeText } from '../output.js';
import { loadChecked } from './load-checked.js';

export interface BacktestOptions {
  readonly days: number;
  readonly stage: string;
  readonly json?: boolean;
}

const dayMs = 86_400_000;

/** `outport registry backtest` */
export async function tryOut(dir: string, { days, stage, json }: BacktestOptions): Promise<void> {
  const { document } = await loadChecked(dir);
  const settings = loadSettings();
  if (!settings.stages.includes(stage)) {
    throw new InputError(`there is no stage ${stage}`, `use one of ${settings.stages.join(', ')}`);
  }
  const stores = openStores(settings);
  await stores.ensureTables();
  const inForce = await readRegistry(stores.registryStore);
  const toMs = Date.now();
  const report = await backtest(
    { proposed: document, inForce: inForce?.document, stage, fromMs: toMs - days * dayMs, toMs },
    {
      signalQueries: stores.signalQueries,
      ledger: stores.ledger,
      twin: {
        ledger: createMemoryLedger(),
        portStates: createMemoryPortStates(),
        quarantine: createMemoryQuarantineStore(),
      },
    },
  );
  if (json) print(JSON.stringify(report, null, 2));
  else for (const line of toReportLines(report)) print(line);
}

function toReportLines(report: BacktestReport): string[] {
  const { gained, lost, delayed, signals, stage, from, to, triggersThen, triggersNow } = report;
  const line = (word: string, { subscription, snapshots, at }: ReportedTrigger, rest = ''): string =>
    `  ${word}  ${at}  ${toSafeText(`${subscription}  ${snapshots.join(', ')}${rest}`)}`;
  return [
    ...gained.map((each) => line(paint.green('gained '), each)),
    ...lost.map((each) => line(paint.red('lost   '), each, `: ${each.reason}`)),
    ...delayed.map((each) =>
      line(paint.yellow('delayed'), each, `: until ${each.wouldLeaveAt}, ${each.byMinutes} minutes`),
    ),
    `${signals} signals of ${stage} from ${from} to ${to}`,
    `${triggersThen} triggers left, ${triggersNow} would: ${gained.length} gained, ${lost.length} lost, ${delayed.length} delayed`,
  ];
}

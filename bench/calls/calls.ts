import type { HandOn } from '../../shared/config/settings.js';
import { type Budget, type Finding, type Section, toSpread } from '../report/finding.js';
import { portCount } from '../workload.js';
import { type CallCounts, startCountedPipeline } from './count-calls.js';

const batches = [1, 10, 100] as const;
/** What a batch of 100 events may cost, per event. */
export const callBudgets = { tableRequests: 0.6, sends: 0.15, invocations: 0.05 } as const;

/** Calls per event at three batch sizes and both ways of handing on, counted at the real clients. */
export async function benchCalls({ rounds }: { rounds: number }): Promise<Section> {
  const findings: Finding[] = [];
  for (const handOn of ['direct', 'queued'] as const) findings.push(...(await count(handOn, rounds)));
  const about = `events over ${portCount} ports with one matching subscription each, real adapters, embedded broker, Azurite`;
  return { title: 'calls per event', about, findings };
}

async function count(handOn: HandOn, rounds: number): Promise<Finding[]> {
  const pipeline = await startCountedPipeline(handOn);
  try {
    const findings: Finding[] = [];
    for (const batch of batches) {
      const counts: CallCounts[] = [];
      for (let round = 0; round < rounds; round += 1) counts.push(await pipeline.run(batch === 1 ? 50 : 500, batch));
      findings.push(...toFindings(`batches of ${batch}, handed on ${handOn}`, batch, counts));
    }
    return findings;
  } finally {
    await pipeline.stop();
  }
}

function toFindings(how: string, batch: number, counts: readonly CallCounts[]): Finding[] {
  const lost = counts.find(({ triggers, events }) => triggers !== events);
  if (lost) throw new Error(`${lost.events} events made ${lost.triggers} triggers; the counts mean nothing`);
  const finding = (what: keyof typeof callBudgets, label: string): Finding => ({
    what: `${label}, ${how}`,
    unit: 'per event',
    value: toSpread(counts.map((count) => count[what] / count.events)),
    ...(batch === 100 && { budget: { atMost: callBudgets[what] } satisfies Budget }),
  });
  return [
    finding('tableRequests', 'table requests'),
    finding('sends', 'Service Bus sends'),
    finding('invocations', 'function invocations'),
  ];
}

import { checkAdmission } from '../../shared/domain/admission.js';
import { type CompiledRegistry, compileRegistry } from '../../shared/domain/compiled-registry.js';
import { type Decided, decide } from '../../shared/domain/decide.js';
import { decodeEvent } from '../../shared/domain/decode/decode-event.js';
import { toSignal } from '../../shared/domain/signal.js';
import { toNormalizeMessage } from '../../shared/pipeline/ingest.js';
import { type Section, toSpread } from '../report/finding.js';
import { toRegistry, toSeal } from '../workload.js';
import { measureRounds } from './rounds.js';

/** Few, so that a call is over within a time slice: what other programs take counts for no call then. */
const eventsPerCall = 10;
const sizes = [100, 10_000, 100_000] as const;
const receivedAt = '2026-03-11T02:00:00.000Z';
const nowMs = Date.parse(receivedAt);
const origin = { hub: 'h', partition: '0', sequenceNumber: '7', offset: '700', enqueuedAt: receivedAt };

/** Deciding against plain JSON handling of the same events, and its growth with the registry. */
export async function benchDeciding({ rounds }: { rounds: number }): Promise<Section> {
  const texts = Array.from({ length: eventsPerCall }, (_, n) => JSON.stringify(toSeal('deciding', n, sizes[0])));
  const bodies = texts.map((text) => Buffer.from(text));
  const [small, middle, large] = sizes.map((size) => compileRegistry('000001-bench', toRegistry(size)));
  if (!small || !middle || !large) throw new Error('three sizes give three registries');
  const tasks = {
    json: () => texts.map((text) => JSON.stringify(JSON.parse(text))),
    small: () => decideAll(bodies, small),
    middle: () => decideAll(bodies, middle),
    large: () => decideAll(bodies, large),
  };
  const measured = await measureRounds(tasks, { rounds, roundMs: 200 });
  const ratio = (of: keyof typeof tasks, to: keyof typeof tasks) =>
    toSpread(measured.map((round) => round[of] / round[to]));
  const perEvent = (of: keyof typeof tasks) => toSpread(measured.map((round) => (round[of] * 1_000) / eventsPerCall));
  return {
    title: 'deciding',
    about: `parse, validate, normalize, evaluate and build the trigger of ${texts[0]?.length} byte events on one core`,
    findings: [
      { what: 'against JSON.parse + JSON.stringify', unit: 'x', value: ratio('small', 'json'), budget: { atMost: 4 } },
      {
        what: '10,000 against 100 subscriptions',
        unit: 'x',
        value: ratio('middle', 'small'),
        budget: { atMost: 1.25 },
      },
      {
        what: '100,000 against 100 subscriptions',
        unit: 'x',
        value: ratio('large', 'small'),
        budget: { atMost: 1.25 },
      },
      { what: 'one event decided', unit: 'us', value: perEvent('small') },
      { what: 'one event parsed and stringified', unit: 'us', value: perEvent('json') },
    ],
  };
}

/** Every step the functions take for one event, without the queues between them. @throws Error unless it fires once */
function decideAll(bodies: readonly Uint8Array[], registry: CompiledRegistry): Decided[] {
  return bodies.flatMap((body) => {
    const decoded = decodeEvent(body, {});
    if (!decoded.ok) throw new Error(`the workload holds an invalid event: ${JSON.stringify(decoded.problems)}`);
    const message = toNormalizeMessage({ body, properties: {}, origin }, decoded, receivedAt);
    const { event } = message;
    if (
      event.eventType === 'TriggerReceipt' ||
      checkAdmission(event, { registry, stages: ['prod'], receivedAtMs: nowMs })
    ) {
      throw new Error('the workload holds an event that is not admitted');
    }
    const signal = toSignal({ ...message, event }, registry.version);
    const decisions = decide(signal, { registry, nowMs });
    const [only] = decisions;
    if (decisions.length !== 1 || only?.kind !== 'alone' || only.decision.trigger === undefined) {
      throw new Error('an event must fire once');
    }
    return decisions;
  });
}

import { checkAdmission } from '../../shared/domain/admission.js';
import { type CompiledRegistry, compileRegistry } from '../../shared/domain/compiled-registry.js';
import { type Decided, decide } from '../../shared/domain/decide.js';
import { decodeEvent } from '../../shared/domain/decode/decode-event.js';
import { toReceiptMs } from '../../shared/domain/instant.js';
import { toSignal } from '../../shared/domain/signal.js';
import { toNormalizeMessage } from '../../shared/pipeline/ingest.js';
import { isPortMessage } from '../../shared/pipeline/normalize.js';
import { type Section, toSpread } from '../report/finding.js';
import { toRegistry } from '../workload.js';
import { measureRounds } from './rounds.js';
import { toStream } from './stream.js';

/** Few, so that a call is over within a time slice: what other programs take counts for no call then. */
const eventsPerCall = 10;
const [small, middle, large] = [100, 10_000, 100_000] as const;
const stages = ['prod'];
const startMs = Date.parse('2026-03-11T02:00:00.000Z');
const origin = { hub: 'h', partition: '0', sequenceNumber: '7', offset: '700', enqueuedAt: '2026-03-11T02:00:00.000Z' };

/** Deciding against plain JSON handling of the same events, and its growth with the registry. */
export async function benchDeciding({ rounds }: { rounds: number }): Promise<Section> {
  const plain = toStream(small, eventsPerCall);
  const tasks = {
    json: () => plain().texts.map((text) => JSON.stringify(JSON.parse(text))),
    small: toDeciding(small),
    middle: toDeciding(middle),
    large: toDeciding(large),
  };
  const measured = await measureRounds(tasks, { rounds, roundMs: 200 });
  const ratio = (of: keyof typeof tasks, to: keyof typeof tasks) =>
    toSpread(measured.map((round) => round[of] / round[to]));
  const perEvent = (of: keyof typeof tasks) => toSpread(measured.map((round) => (round[of] * 1_000) / eventsPerCall));
  return {
    title: 'deciding',
    about: `parse, validate, normalize, evaluate and build the trigger of ${plain().texts[0]?.length} byte events on one core`,
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

/** A call decides the next batch of a stream at its own time, over a registry where each port has a subscription. */
function toDeciding(ports: number): () => Decided[] {
  const registry = compileRegistry('000001-bench', toRegistry(ports));
  const stream = toStream(ports, eventsPerCall);
  let nowMs = startMs;
  return () => {
    nowMs += 1_000;
    const receivedAt = new Date(nowMs).toISOString();
    return stream().bodies.flatMap((body) => decideOne(body, { registry, nowMs, receivedAt }));
  };
}

/** Every step the functions take for one event, without the queues between them. @throws Error unless it fires once */
function decideOne(
  body: Uint8Array,
  { registry, nowMs, receivedAt }: { registry: CompiledRegistry; nowMs: number; receivedAt: string },
): Decided[] {
  const decoded = decodeEvent(body, {});
  if (!decoded.ok) throw new Error(`the workload holds an invalid event: ${JSON.stringify(decoded.problems)}`);
  const message = toNormalizeMessage({ body, properties: {}, origin }, decoded, receivedAt);
  const admission = { registry, stages, receivedAtMs: toReceiptMs(message.receivedAt) };
  if (!isPortMessage(message) || checkAdmission(message.event, admission)) {
    throw new Error('the workload holds an event that is not admitted');
  }
  const decisions = decide(toSignal(message, registry.version), { registry, nowMs });
  const [only] = decisions;
  if (decisions.length !== 1 || only?.kind !== 'alone' || only.decision.trigger === undefined) {
    throw new Error('an event must fire once');
  }
  return decisions;
}

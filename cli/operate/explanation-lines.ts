import type {
  EventExplanation,
  Explanation,
  PathStep,
  Remedy,
  SubscriptionExplanation,
} from '../../shared/contracts/api/explanation.js';
import type { GateAnswer } from '../../shared/contracts/verdict.js';
import { paint, toSafeText } from '../output.js';

/** An explanation as a tree for people. */
export function toExplanationLines({ id, summary, events, quarantined, receipts }: Explanation): string[] {
  return [
    `${paint.bold(toSafeText(id))}  ${toSafeText(summary)}`,
    ...events.flatMap(toEventLines),
    ...quarantined.flatMap(({ record, path, owner }) => [
      `quarantined  ${paint.red(record.reason)}  ${record.id}${owner === undefined ? '' : `  owner ${toSafeText(owner)}`}`,
      ...record.problems.map(({ path: at, message }) => `  ${toSafeText(`${at}: ${message}`)}`),
      ...path.map(toStepLine),
    ]),
    ...receipts.map(
      ({ status, triggerId, consumer, occurredAt }) => `receipt  ${status}  ${consumer}  ${triggerId}  ${occurredAt}`,
    ),
  ];
}

function toEventLines({ signal, path, subscriptions }: EventExplanation): string[] {
  const about = `${signal.outputPortKey}@${signal.outputPortVersion}  ${signal.stage}  watermark ${signal.watermark ?? '-'}`;
  return [
    `signal  ${toSafeText(about)}`,
    ...path.map(toStepLine),
    ...(subscriptions.length === 0 ? ['  no subscription concerns it'] : subscriptions.flatMap(toSubscriptionLines)),
  ];
}

function toStepLine({ step, at, note }: PathStep): string {
  return `  ${paint.dim((at ?? '').padEnd(24))} ${step.padEnd(11)} ${toSafeText(note)}`;
}

const outcomePaint: Record<SubscriptionExplanation['outcome'], (text: string) => string> = {
  matched: paint.green,
  'same-vector': paint.dim,
  held: paint.yellow,
  waiting: paint.yellow,
  absorbed: paint.dim,
  shadow: paint.yellow,
  retracted: paint.red,
  'not-matched': paint.yellow,
  error: paint.red,
  'not-evaluated': paint.yellow,
};

function toSubscriptionLines(explained: SubscriptionExplanation): string[] {
  const { subscription, outcome, reason, registryVersion, trigger, replay, pausedBy, gates, remedies } = explained;
  const again = replay === undefined ? '' : `  replay ${replay}`;
  return [
    `  ${subscription}  ${outcomePaint[outcome](outcome)}  ${paint.dim(`registry ${registryVersion}${again}`)}`,
    `    ${toSafeText(reason)}`,
    ...(pausedBy === undefined ? [] : [`    ${paint.yellow('paused')}  ${toSafeText(pausedBy)}`]),
    ...gates.map(toGateLine),
    ...(trigger === undefined ? [] : [`    trigger ${trigger.triggerId}  ${trigger.state}  cause ${trigger.cause}`]),
    ...remedies.flatMap(toRemedyLines),
  ];
}

const answerMarks: Record<GateAnswer['answer'], string> = {
  pass: paint.green('yes'),
  fail: paint.yellow('no '),
  error: paint.red('err'),
};

/** One gate's answer with its facts. */
export function toGateLine({ gate, answer, facts }: GateAnswer): string {
  const values = Object.entries(facts).map(
    ([name, value]) => `${name}=${Array.isArray(value) ? value.join('|') : value}`,
  );
  return `    ${answerMarks[answer] ?? answer} ${gate.padEnd(13)} ${paint.dim(toSafeText(values.join(' ')))}`;
}

/** One fact that would make a subscription fire. */
export function toRemedyLines({ fact, owner, product, verified, usually }: Remedy): string[] {
  const sure = verified ? 'would fire when' : 'needed';
  const lines = [`    ${paint.bold(sure)} ${toSafeText(fact)}`, `      owner ${toSafeText(owner)} (${product})`];
  if (usually === undefined) return lines;
  const { medianDelayMinutes, p95DelayMinutes, samples, expectedAt } = usually;
  const next = expectedAt === undefined ? '' : `; next expected ${expectedAt}`;
  return [
    ...lines,
    `      usually ${medianDelayMinutes} minutes after its watermark (95 of 100 within ${p95DelayMinutes}, ${samples} seen)${next}`,
  ];
}

import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { OutgoingEvent } from '../../shared/adapters/event-hubs/publisher.js';
import { SubscriptionKey } from '../../shared/contracts/keys.js';
import { QuarantineReason } from '../../shared/contracts/problem.js';
import { VerdictOutcome } from '../../shared/contracts/verdict.js';
import { envelopes, toOutgoingEvent } from '../emit/outgoing-event.js';
import { InputError } from '../errors.js';
import { parseYamlDocuments } from '../registry/yaml-documents.js';

const Subscriptions = z.array(SubscriptionKey).default([]);

/** Where a step of the day must end. */
const Expectation = z.discriminatedUnion('outcome', [
  z.strictObject({
    outcome: z.literal('signal'),
    triggers: Subscriptions,
    sameVector: Subscriptions,
    refused: z.record(SubscriptionKey, z.array(z.string()).min(1)).default({}),
    others: z.record(SubscriptionKey, VerdictOutcome).default({}),
  }),
  z.strictObject({ outcome: z.literal('duplicate') }),
  z.strictObject({ outcome: z.literal('quarantined'), reason: QuarantineReason }),
]);
export type Expectation = z.infer<typeof Expectation>;

const stepMembers = {
  at: z.string().regex(/^\d{2}:\d{2}$/, 'must be a time such as "01:58"'),
  note: z.string().min(1),
  expect: Expectation,
};
const Step = z.union([
  z.strictObject({
    ...stepMembers,
    event: z.record(z.string(), z.unknown()),
    cloudEvent: z.enum(envelopes).default('plain'),
  }),
  z.strictObject({ ...stepMembers, raw: z.string() }),
]);
const DayFile = z.strictObject({ steps: z.array(Step).min(1).max(200) });

/** One step, ready to be sent. */
export interface DayStep {
  readonly at: string;
  readonly note: string;
  readonly outgoing: OutgoingEvent;
  readonly expect: Expectation;
}

const dayMs = 86_400_000;

/** Load a day and put its dates in: `{day}` becomes the UTC day before `nowMs`. @throws InputError */
export async function loadDay(file: string, nowMs: number): Promise<DayStep[]> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new InputError(`cannot read ${file}`, 'name a readable day file');
  });
  const parsed = parseYamlDocuments(file, fillDates(text, nowMs));
  if (!parsed.ok) {
    const faults = parsed.faults.map(({ line, message, fix }) => `${file}:${line ?? 1}  ${message}; ${fix}`);
    throw new InputError(faults.join('\n'), 'correct the file');
  }
  const day = DayFile.safeParse(parsed.documents[0]?.value);
  if (!day.success) {
    const issues = day.error.issues.map((issue) => {
      const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
      return `${file}:${parsed.documents[0]?.lineOf(path) ?? 1}  ${path.join('.')}: ${issue.message}`;
    });
    throw new InputError(issues.join('\n'), 'correct the file');
  }
  return day.data.steps.map((step) => toDayStep(step, toDate(nowMs, 1)));
}

/** `{day}` and `{day-<n>}` as dates. */
function fillDates(text: string, nowMs: number): string {
  return text.replace(/\{day(?:-(\d{1,4}))?\}/g, (_, back?: string) => toDate(nowMs, 1 + Number(back ?? 0)));
}

function toDate(nowMs: number, daysBack: number): string {
  return new Date(nowMs - daysBack * dayMs).toISOString().slice(0, 10);
}

function toDayStep(step: z.infer<typeof Step>, day: string): DayStep {
  const { at, note, expect } = step;
  if ('raw' in step) return { at, note, expect, outgoing: { body: Buffer.from(step.raw), partitionKey: 'raw' } };
  const event = { occurredAt: `${day}T${at}:00Z`, ...step.event };
  return { at, note, expect, outgoing: toOutgoingEvent(event, step.cloudEvent) };
}

import { hash } from 'node:crypto';
import type { Signal } from '../contracts/signal.js';
import { toCanonicalJson } from './canonical-json.js';
import { remember } from './remember.js';
import { toWatermarkTimeMs } from './watermark.js';

const base32Alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
/** The two base32 digits of every 10-bit number: an id is made of pairs of digits. */
const base32Pairs = Array.from({ length: 1_024 }, (_, bits) => {
  return `${base32Alphabet[bits >> 5]}${base32Alphabet[bits & 31]}`;
});

/** RFC 4648 base32, lower case, unpadded: safe in table keys, message ids and URLs. `bytes` holds one per character. */
function toBase32(bytes: string, digits: number): string {
  let text = '';
  let bits = 0;
  let count = 0;
  for (let index = 0; text.length < digits; index += 1) {
    bits = ((bits & 1_023) << 8) | bytes.charCodeAt(index);
    count += 8;
    if (count < 10) continue;
    count -= 10;
    text += base32Pairs[(bits >> count) & 1_023];
  }
  return text;
}

/** 130 bits of sha256 in base32, over unambiguous JSON: parts cannot run into each other. */
function hashOf(parts: unknown): string {
  return toBase32(hash('sha256', JSON.stringify(parts), 'binary'), 26);
}

/** Keys of products and subscriptions come again and again; so many of their hashes are kept. */
const rememberedKeys = 100_000;

/** Number of logical buckets; fixed for ever, because it is part of every trigger id. */
const logicalBuckets = 256;

/** Logical bucket of a key as two hex digits; settings decide how many physical partitions these fold into. */
export const toBucket = remember(rememberedKeys, (key: string) => {
  return (parseInt(hash('sha256', key, 'hex').slice(0, 2), 16) % logicalBuckets).toString(16).padStart(2, '0');
});

const toProducerHash = remember(rememberedKeys, (producerDp: string) => hashOf(['producer', producerDp]).slice(0, 12));

/** Hash of an event id alone, the first half of a signal id: lets a signal be found without its producer. */
export function toEventIdHash(eventId: string): string {
  return hashOf(['event', eventId]).slice(0, 20);
}

/** Id of a signal: the same producer and event id always give the same one. */
export function toSignalId(producerDp: string, eventId: string): string {
  return `${toEventIdHash(eventId)}-${toProducerHash(producerDp)}`;
}

/** Id of the live verdict of one subscription on one signal; `set` when the signal counts for a later set too. */
export function toVerdictId(signalId: string, subscription: string, set?: string): string {
  return `v-${hashOf(['live', signalId, subscription, ...(set === undefined ? [] : [set])])}`;
}

/** Id of the verdict of a named replay; repeating the replay gives the same one. */
export function toReplayVerdictId(liveVerdictId: string, replay: string): string {
  return `v-${hashOf(['replay', liveVerdictId, replay])}`;
}

/** Id of the verdict that stands for an operator's release of a set. */
export function toReleaseVerdictId(triggerId: string): string {
  return `v-${hashOf(['release', triggerId])}`;
}

/** Id of the trigger that a forced replay sends for a live one: in the same bucket, the same for the same replay. */
export function toReplayTriggerId(liveTriggerId: string, replay: string): string {
  const [stage = '', bucket = ''] = liveTriggerId.split('.');
  return `${stage}.${bucket}.${hashOf(['replay', liveTriggerId, replay])}`;
}

/** sha256 over canonical JSON (RFC 8785): equal for events that differ in member order or white space only. */
export function toContentHash(event: unknown): string {
  return hash('sha256', toCanonicalJson(event), 'hex');
}

/** What makes two events speak of the same snapshot. */
type SnapshotIdentity = Pick<
  Signal,
  'outputPortKey' | 'outputPortVersion' | 'stage' | 'watermark' | 'batchId' | 'partition' | 'revision' | 'schemaHash'
>;

/**
 * Names a snapshot of a port without its version and revision: what a correction or a retraction is about. It begins
 * with the time of the watermark, so that names stand in the order in which a replay meets them; a mark that is no time
 * comes first.
 */
export function toSnapshotName(
  snapshot: Pick<SnapshotIdentity, 'outputPortKey' | 'watermark' | 'batchId' | 'partition'>,
): string {
  const { outputPortKey, watermark, batchId, partition } = snapshot;
  const timeMs = Math.max(0, toWatermarkTimeMs(watermark) ?? 0);
  const hashed = hashOf(['snapshot', outputPortKey, watermark ?? null, batchId ?? null, partition ?? null]);
  return `${String(timeMs).padStart(14, '0')}-${hashed}`;
}

function toVectorPart(signal: SnapshotIdentity): unknown[] {
  return [
    `${signal.outputPortKey}@${signal.outputPortVersion}`,
    signal.stage,
    signal.watermark ?? null,
    signal.batchId ?? null,
    signal.partition ?? null,
    signal.revision,
    signal.schemaHash ?? null,
  ];
}

/** Id of the trigger for an input vector; the order of the inputs does not matter. */
export function toTriggerId(subscription: string, stage: string, inputs: readonly SnapshotIdentity[]): string {
  const vector = inputs.map((input) => JSON.stringify(toVectorPart(input))).sort();
  return `${stage}.${toBucket(subscription)}.${hashOf([subscription, vector])}`;
}

/** Id of the message that takes back a subscription's triggers for one snapshot; sent once, however often it is retracted. */
export function toRevocationId(
  subscription: string,
  stage: string,
  snapshot: { name: string; revision: number },
): string {
  return `${stage}.${toBucket(subscription)}.${hashOf(['revoke', subscription, snapshot.name, snapshot.revision])}`;
}

/** W3C traceparent for an event that came without one; the same event always gets the same. */
export function toTraceparent(signalId: string): string {
  const hex = hash('sha256', `trace ${signalId}`, 'hex');
  return `00-${hex.slice(0, 32)}-${hex.slice(32, 48)}-01`;
}

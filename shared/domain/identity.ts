import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Signal } from '../contracts/signal.js';

const base32Alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** RFC 4648 base32, lower case, unpadded: safe in table keys, message ids and URLs. */
function toBase32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => base32Alphabet[parseInt(group.padEnd(5, '0'), 2)]).join('');
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** 26 base32 characters (130 bits) over unambiguous JSON: parts cannot run into each other. */
function hashOf(parts: unknown): string {
  return toBase32(sha256(JSON.stringify(parts)).subarray(0, 17)).slice(0, 26);
}

/** Number of logical buckets; fixed for ever, because it is part of every trigger id. */
const logicalBuckets = 256;

/** Logical bucket of a key as two hex digits; settings decide how many physical partitions these fold into. */
export function toBucket(key: string): string {
  return (sha256(key).readUInt8(0) % logicalBuckets).toString(16).padStart(2, '0');
}

/** Hash of an event id alone, the first half of a signal id: lets a signal be found without its producer. */
export function toEventIdHash(eventId: string): string {
  return hashOf(['event', eventId]).slice(0, 20);
}

/** Id of a signal: the same producer and event id always give the same one. */
export function toSignalId(producerDp: string, eventId: string): string {
  return `${toEventIdHash(eventId)}-${hashOf(['producer', producerDp]).slice(0, 12)}`;
}

/** Id of the live verdict of one subscription on one signal; `set` when the signal counts for a later set too. */
export function toVerdictId(signalId: string, subscription: string, set?: string): string {
  return `v-${hashOf(['live', signalId, subscription, ...(set === undefined ? [] : [set])])}`;
}

/** sha256 over canonical JSON (RFC 8785): equal for events that differ in member order or white space only. */
export function toContentHash(event: unknown): string {
  return sha256(canonicalize(event) ?? 'null').toString('hex');
}

/** What makes two events speak of the same snapshot. */
type SnapshotIdentity = Pick<
  Signal,
  'outputPortKey' | 'outputPortVersion' | 'stage' | 'watermark' | 'batchId' | 'partition' | 'revision' | 'schemaHash'
>;

/** Names a snapshot of a port without its version and revision: what a correction or a retraction is about. */
export function toSnapshotName(
  snapshot: Pick<SnapshotIdentity, 'outputPortKey' | 'watermark' | 'batchId' | 'partition'>,
): string {
  const { outputPortKey, watermark, batchId, partition } = snapshot;
  return hashOf(['snapshot', outputPortKey, watermark ?? null, batchId ?? null, partition ?? null]);
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
  const hex = sha256(`trace ${signalId}`).toString('hex');
  return `00-${hex.slice(0, 32)}-${hex.slice(32, 48)}-01`;
}

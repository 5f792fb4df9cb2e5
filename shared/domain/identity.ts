import { hash } from 'node:crypto';
import type { Signal } from '../contracts/signal.js';
import type { TriggerInput } from '../contracts/trigger.js';
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

/** The two hex digits of every byte. */
const hexPairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function toHex(bytes: string, length: number): string {
  let text = '';
  for (let index = 0; index < length; index += 1) text += hexPairs[bytes.charCodeAt(index)];
  return text;
}

/** As a text with a byte per character, which costs less than any other form. */
function sha256(text: string): string {
  return hash('sha256', text, 'binary');
}

/** 130 bits of sha256 in base32, over unambiguous JSON: parts cannot run into each other. */
function hashOf(parts: unknown): string {
  return toBase32(sha256(JSON.stringify(parts)), 26);
}

/** FNV-1a: spreads keys and takes no time; nobody may rely on two keys giving two numbers. */
function toSpread(key: string): number {
  let spread = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) spread = Math.imul(spread ^ key.charCodeAt(index), 0x01000193);
  return spread >>> 0;
}

/**
 * Logical bucket of a key as two hex digits; settings decide how many physical partitions these fold into. There are
 * 256 for ever, because a bucket is part of every trigger id.
 */
export function toBucket(key: string): string {
  const spread = toSpread(key);
  return hexPairs[(spread ^ (spread >>> 8) ^ (spread >>> 16) ^ (spread >>> 24)) & 0xff] ?? '';
}

/** Keys of products come again and again; so many of their hashes are kept. */
const rememberedKeys = 100_000;

const toProducerHash = remember(rememberedKeys, (producerDp: string) => hashOf(['producer', producerDp]).slice(0, 12));

/** What an event is called by: its signal's id, and the trace of one that came without. */
export interface EventIdentity {
  readonly signalId: string;
  /** W3C traceparent; the same event always gets the same, events of two producers get two. */
  readonly traceparent: string;
}

/** Both names of an event come from one hash of its id, because they are needed for every event. */
export function toEventIdentity(producerDp: string, eventId: string): EventIdentity {
  const bytes = toEventHash(eventId);
  const trace = toHex(bytes, 12) + toMark(producerDp);
  return {
    signalId: `${toBase32(bytes, eventDigits)}-${toProducerHash(producerDp)}`,
    traceparent: `00-${trace}-${trace.slice(0, 16)}-01`,
  };
}

/** Eight hex digits that keep traces of two producers apart. */
function toMark(producerDp: string): string {
  const spread = toSpread(producerDp);
  const [a, b, c, d] = [spread >>> 24, (spread >>> 16) & 0xff, (spread >>> 8) & 0xff, spread & 0xff];
  return `${hexPairs[a]}${hexPairs[b]}${hexPairs[c]}${hexPairs[d]}`;
}

const eventDigits = 20;

function toEventHash(eventId: string): string {
  return sha256(`event ${eventId}`);
}

/** Hash of an event id alone, the first half of a signal id: lets a signal be found without its producer. */
export function toEventIdHash(eventId: string): string {
  return toBase32(toEventHash(eventId), eventDigits);
}

/** Id of a signal: the same producer and event id always give the same one. */
export function toSignalId(producerDp: string, eventId: string): string {
  return `${toEventIdHash(eventId)}-${toProducerHash(producerDp)}`;
}

/**
 * Id of the live verdict of one subscription on one signal; `set` when the signal counts for a later set too. Made of
 * what it is about: signal ids are of one length, and no key of a subscription has an underscore.
 */
export function toVerdictId(signalId: string, subscription: string, set?: string): string {
  const live = `v-${signalId}-${subscription}`;
  return set === undefined ? live : `${live}_${hashOf(['set', set])}`;
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

/**
 * Names a snapshot of a port without its version and revision: what a correction or a retraction is about. It begins
 * with the time of the watermark, so that names stand in the order in which a replay meets them; a mark that is no time
 * comes first.
 */
export function toSnapshotName(
  snapshot: Pick<Signal, 'outputPortKey' | 'watermark' | 'batchId' | 'partition'>,
): string {
  const { outputPortKey, watermark, batchId, partition } = snapshot;
  const timeMs = Math.max(0, toWatermarkTimeMs(watermark) ?? 0);
  const hashed = hashOf(['snapshot', outputPortKey, watermark ?? null, batchId ?? null, partition ?? null]);
  return `${String(timeMs).padStart(14, '0')}-${hashed}`;
}

/** What of a trigger's input is part of its vector. */
type VectorInput = Pick<TriggerInput, 'outputPort' | 'snapshot'>;

/** What an input counts for in its vector, as texts with their lengths: unambiguous whatever they hold. */
function toVectorPart({ outputPort, snapshot }: VectorInput): string {
  let text = toPart(outputPort.key) + toPart(outputPort.version) + toPart(outputPort.stage);
  text += toPart(snapshot.watermark) + toPart(snapshot.batchId) + toPart(snapshot.partition);
  return text + toPart(String(snapshot.revision)) + toPart(snapshot.schemaHash);
}

function toPart(text: string | undefined): string {
  return text === undefined ? '-' : `${text.length}:${text}`;
}

/** Id of the trigger for an input vector; the order of the inputs does not matter. */
export function toTriggerId(subscription: string, stage: string, inputs: readonly VectorInput[]): string {
  const vector = inputs.map(toVectorPart).sort();
  const hashed = toBase32(sha256(toPart(subscription) + vector.join('')), 26);
  return `${stage}.${toBucket(subscription)}.${hashed}`;
}

/** Id of the message that takes back a subscription's triggers for one snapshot; sent once, however often it is retracted. */
export function toRevocationId(
  subscription: string,
  stage: string,
  snapshot: { name: string; revision: number },
): string {
  return `${stage}.${toBucket(subscription)}.${hashOf(['revoke', subscription, snapshot.name, snapshot.revision])}`;
}

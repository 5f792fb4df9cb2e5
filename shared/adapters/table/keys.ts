import { createHash } from 'node:crypto';
import { toBucket } from '../../domain/identity.js';

/** Where rows live: `<stage>!<bucket>`, the logical bucket folded into the physical ones. */
export function toPartitionKey(stage: string, logicalBucket: string, buckets: number): string {
  return `${stage}!${toBucketName(parseInt(logicalBucket, 16) % buckets)}`;
}

/** Partition of everything that belongs to `key`. */
export function toPartitionOf(stage: string, key: string, buckets: number): string {
  return toPartitionKey(stage, toBucket(key), buckets);
}

/** All partitions of a stage. */
export function toStagePartitions(stage: string, buckets: number): string[] {
  return Array.from({ length: buckets }, (_, bucket) => `${stage}!${toBucketName(bucket)}`);
}

function toBucketName(bucket: number): string {
  return String(bucket).padStart(3, '0');
}

/** Milliseconds since the epoch so that text order is time order; good until the year 5138. */
export function toOldestFirst(ms: number): string {
  return String(Math.max(0, Math.trunc(ms))).padStart(14, '0');
}

const newestMs = 99_999_999_999_999;

/** Milliseconds since the epoch so that text order is newest first. */
export function toNewestFirst(ms: number): string {
  return toOldestFirst(newestMs - Math.trunc(ms));
}

/** The time at the start of a text made by `toNewestFirst`. */
export function fromNewestFirst(text: string): number {
  return newestMs - Number(text.slice(0, 14));
}

/** The text just behind every text that starts with `prefix`: the exclusive end of a range query. */
export function toPrefixEnd(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}

/** Text of any length and any characters as part of a key. */
export function toKeyHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

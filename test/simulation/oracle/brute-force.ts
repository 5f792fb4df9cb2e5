import { createHash } from 'node:crypto';
import type { RegistryDocument, SubscriptionEntry } from '../../../shared/contracts/registry.js';
import type { ReplaySelection } from '../../../shared/contracts/replay-job.js';
import type { Fact } from '../scenario/events.js';
import { ownerOf, ranges, stages } from '../scenario/registry.js';

/**
 * What ought to happen, worked out a second time and without any of the product's own rules: straight from the event,
 * a registry document and a table of ranges.
 */

/** Why the event may not become a signal under this registry; undefined when it may. */
export function refusalOf(fact: Fact, registry: RegistryDocument | undefined): string | undefined {
  if (!(stages as readonly string[]).includes(fact.outputPort.stage)) return 'unknown-stage';
  if (registry === undefined) return 'no-registry';
  if (!registry.ports.some(({ key }) => key === fact.outputPort.key)) return 'unknown-output-port';
  const owner = ownerOf(fact.outputPort.key);
  const isOwner = fact.producer.dataProduct === owner && fact.producer.domain === owner.split('.')[1];
  return isOwner ? undefined : 'producer-not-owner';
}

/** `held`: it matches, and its schema contradicts the contract, so it waits until the owner says which one is true. */
export type Answer = 'yes' | 'held' | 'no';

/** What a subscription makes of an event that was received at a time, under the registry that holds it. */
export function answerOf(
  fact: Fact,
  subscription: SubscriptionEntry,
  { registry, receivedAtMs }: { registry: RegistryDocument; receivedAtMs: number },
): Answer {
  const { snapshot, outputPort } = fact;
  if (fact.eventType !== 'OutputPortSnapshotSealed' || snapshot === undefined) return 'no';
  const port = registry.ports.find(({ key }) => key === outputPort.key);
  const inRange = ranges[subscription.versions ?? ''] ?? [];
  const snapshotMs = snapshotTimeOf(fact);
  const maxAge = subscription.freshness?.maxAgeMinutes;
  const rest =
    outputPort.stage === subscription.stage &&
    port !== undefined &&
    inRange.includes(outputPort.version) &&
    isGoodEnough(snapshot.quality, subscription.minimumQuality) &&
    snapshotMs >= Date.parse(subscription.activeFrom) &&
    (maxAge === undefined || receivedAtMs - snapshotMs < (maxAge + 1) * 60_000);
  if (!rest) return 'no';
  const hash = snapshot.schemaHash ?? '';
  const wanted = subscription.schemaHashes;
  if (breaksContract(fact, registry)) return wanted === undefined || wanted.includes(hash) ? 'held' : 'no';
  const known = port.contracts.filter(({ version }) => inRange.includes(version)).map(({ schemaHash }) => schemaHash);
  return (wanted ?? known).includes(hash) ? 'yes' : 'no';
}

/** Whether the registry has a contract of the sealed version, and it says another schema. */
export function breaksContract({ outputPort, snapshot }: Fact, { ports }: RegistryDocument): boolean {
  const contracts = ports.find(({ key }) => key === outputPort.key)?.contracts ?? [];
  const declared = contracts.find(({ version }) => version === outputPort.version)?.schemaHash;
  return declared !== undefined && declared !== (snapshot?.schemaHash ?? '');
}

/** Whether one event takes back the snapshot another announced. */
export function retracts(retraction: Fact, sealed: Fact): boolean {
  const nameOf = ({ outputPort, snapshot }: Fact): string =>
    [
      outputPort.key,
      outputPort.stage,
      snapshot?.watermark,
      snapshot?.batchId,
      snapshot?.partition,
      snapshot?.revision ?? 0,
    ].join();
  if (retraction.eventType !== 'OutputPortSnapshotRetracted') return false;
  return sealed.eventType === 'OutputPortSnapshotSealed' && nameOf(retraction) === nameOf(sealed);
}

/** The snapshot a subscription fires for, in words; two of these are equal exactly when their triggers must be one. */
export function vectorOf(fact: Fact, subscription: string): string {
  const { outputPort, snapshot } = fact;
  const { watermark, batchId = '', partition = '', revision = 0, schemaHash } = snapshot ?? { watermark: '' };
  const { key, version, stage } = outputPort;
  return [subscription, key, version, stage, watermark, batchId, partition, revision, schemaHash].join(' | ');
}

/** Equal for events that say the same, however they are written. */
export function contentOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'nothing';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${name}:${contentOf(member)}`).join()}}`;
}

/** The id under which a forced replay fires a live trigger again: stage and bucket, then the hash of both names. */
export function forcedIdOf(liveId: string, replay: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify(['replay', liveId, replay]))
    .digest();
  const bits = [...digest].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const digits = Array.from({ length: 26 }, (_, index) => parseInt(bits.slice(index * 5, index * 5 + 5), 2));
  const text = digits.map((digit) => 'abcdefghijklmnopqrstuvwxyz234567'[digit]).join('');
  return [...liveId.split('.').slice(0, 2), text].join('.');
}

/** Whether a replay selects the event, by its own words. */
export function isSelected(
  fact: Fact,
  selection: ReplaySelection,
  subscription: SubscriptionEntry | undefined,
): boolean {
  if (selection.kind === 'signal') return fact.eventId === selection.eventId;
  if (selection.kind === 'quarantine') return false;
  const { key, stage } = fact.outputPort;
  if (selection.kind === 'port' && (key !== selection.port || stage !== selection.stage)) return false;
  if (selection.kind === 'subscription') {
    const wanted = Object.values(subscription?.inputs ?? {}).map(({ port }) => port);
    if (subscription === undefined || stage !== subscription.stage) return false;
    if (![subscription.port, ...wanted].includes(key)) return false;
  }
  const atMs = snapshotTimeOf(fact);
  const { fromWatermark, toWatermark } = selection;
  if (fromWatermark !== undefined && atMs < Date.parse(fromWatermark)) return false;
  return toWatermark === undefined || atMs <= Date.parse(toWatermark);
}

const ranks = ['failed', 'warned', 'passed'];

function isGoodEnough(
  quality: { status: string; score?: number } | undefined,
  minimum: SubscriptionEntry['minimumQuality'] = { status: 'passed' },
): boolean {
  if (quality === undefined || ranks.indexOf(quality.status) < ranks.indexOf(minimum.status)) return false;
  return minimum.score === undefined || (quality.score !== undefined && quality.score >= minimum.score);
}

function snapshotTimeOf({ snapshot, occurredAt }: Fact): number {
  const watermark = snapshot?.watermark ?? '';
  return watermark.startsWith('batch') ? Date.parse(occurredAt) : Date.parse(watermark);
}

import type { Origin } from '../../../shared/contracts/origin.js';
import type { RegistryDocument } from '../../../shared/contracts/registry.js';
import type { HubRecord } from '../model/event-hub.js';
import type { Fact } from '../scenario/events.js';
import { contentOf } from './brute-force.js';

/** What was published at one position of the hub. */
export type Published =
  | { readonly kind: 'fact'; readonly fact: Fact }
  | { readonly kind: 'malformed'; readonly reason: string }
  | { readonly kind: 'receipt'; readonly triggerId: string; readonly eventId: string; readonly reason?: string };

/** One event of the hub with what is known of its way through the pipeline. */
export interface TrackedEvent {
  readonly key: string;
  readonly record: HubRecord;
  readonly published: Published;
  /** It is in the normalize queue or in quarantine, or was. */
  handedOn: boolean;
  /** Messages about it that are still in the normalize queue. */
  copies: number;
}

/** A promise that was seen broken. */
export interface Violation {
  readonly promise: 'P1' | 'P2' | 'P3' | 'P4' | 'P5' | 'P6' | 'quiet' | 'crash';
  readonly text: string;
}

/** How much older than the refresh interval a held registry may be: one slow look, possibly on a host that stood still. */
const loadSlackMs = 300_000;

export interface RegistryInForce {
  readonly version: string;
  readonly document: RegistryDocument;
  readonly fromMs: number;
  /** The invocation that put it in force. */
  readonly by: number;
}

/** What has happened so far, as seen from outside: events, registry versions, violations. */
export class History {
  readonly events = new Map<string, TrackedEvent>();
  readonly registries: RegistryInForce[] = [];
  readonly violations: Violation[] = [];
  /** Messages somebody else put into our queues. */
  readonly foreign: string[] = [];

  report(promise: Violation['promise'], text: string): void {
    this.violations.push({ promise, text });
  }

  published(record: HubRecord, published: Published): void {
    const key = keyOf({
      partition: String(record.partition),
      sequenceNumber: String(record.sequenceNumber),
      enqueuedAt: new Date(record.enqueuedAtMs).toISOString(),
    });
    this.events.set(key, { key, record, published, handedOn: false, copies: 0 });
  }

  /** What a text says that was published before, however it is written. */
  publishedAs(text: string): Published | undefined {
    const content = toContent(text);
    const readable = [...this.events.values()].filter(({ published }) => published.kind !== 'malformed');
    return readable.find(({ record }) => toContent(Buffer.from(record.body).toString()) === content)?.published;
  }

  at(origin: Pick<Origin, 'partition' | 'sequenceNumber' | 'enqueuedAt'>): TrackedEvent | undefined {
    return this.events.get(keyOf(origin));
  }

  document(version: string): RegistryDocument | undefined {
    return this.registries.find((registry) => registry.version === version)?.document;
  }

  /** Whether the registry in force has the subscription. */
  isSubscribed(subscription: string): boolean {
    return this.registries.at(-1)?.document.subscriptions.some(({ key }) => key === subscription) === true;
  }

  /** When a version stopped being in force; infinity while it is. */
  endOf(version: string): number {
    const index = this.registries.findIndex((registry) => registry.version === version);
    return this.registries[index + 1]?.fromMs ?? Number.POSITIVE_INFINITY;
  }

  /** Whether an invocation that began then may decide with a version: it was in force, or not much longer ago than a refresh. */
  mayBeHeld(version: string, startedAtMs: number, { refreshMs }: { refreshMs: number }): boolean {
    return this.endOf(version) >= startedAtMs - refreshMs - loadSlackMs;
  }
}

/** The event in a text, bare or in an envelope. */
function toContent(text: string): string {
  const body = JSON.parse(text) as { data?: unknown };
  return contentOf(body.data ?? body);
}

export function keyOf({
  partition,
  sequenceNumber,
  enqueuedAt,
}: Pick<Origin, 'partition' | 'sequenceNumber' | 'enqueuedAt'>): string {
  return `${partition}/${sequenceNumber}/${enqueuedAt}`;
}

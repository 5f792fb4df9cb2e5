/** What is wrong with what consumers received; nothing when every event came once to every consumer. */
export interface Mismatch {
  readonly lost: number;
  readonly doubled: number;
  /** Receipts of events that were never sent. */
  readonly unknown: number;
}

/** Without one more receipt for this long, what is missing counts as lost. */
const patienceMs = 60_000;
/** How long is waited for doubles once everything came. */
const lingerMs = 500;

/**
 * Takes down who received what. The one judge of all systems: each hands it the receipts of its consumers, and a run
 * counts only when every event was seen once by every consumer.
 */
export class Receipts {
  readonly #consumers: readonly string[];
  #counts = new Map<string, number>();
  #expected = new Set<string>();
  #missing = 0;
  #lastMs = 0;
  #onComplete: (() => void) | undefined;

  constructor(consumers: readonly string[]) {
    this.#consumers = consumers;
  }

  /** A run begins: these events are going to be sent, in whatever number of copies. */
  expect(eventIds: Iterable<string>): void {
    this.#counts = new Map();
    this.#expected = new Set([...eventIds].flatMap((eventId) => this.#consumers.map((one) => toKey(one, eventId))));
    this.#missing = this.#expected.size;
  }

  /** A consumer received an event. */
  note(consumer: string, eventId: string): void {
    const key = toKey(consumer, eventId);
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    if (count > 1 || !this.#expected.has(key)) return;
    this.#missing -= 1;
    this.#lastMs = performance.now();
    if (this.#missing === 0) this.#onComplete?.();
  }

  /** When the last receipt came, of `performance.now`. @throws Error naming what was lost, doubled or never sent */
  async complete(): Promise<number> {
    await this.#allOrQuiet();
    const completedMs = this.#lastMs;
    await new Promise((resolve) => setTimeout(resolve, lingerMs));
    const { lost, doubled, unknown } = this.mismatch();
    if (lost + doubled + unknown > 0) throw new Error(`${lost} receipts lost, ${doubled} doubled, ${unknown} unknown`);
    return completedMs;
  }

  /** When the last receipt came; doubles are looked for by `complete`. @throws Error when receipts are lost */
  async arrived(): Promise<number> {
    await this.#allOrQuiet();
    if (this.#missing > 0) throw new Error(`${this.#missing} receipts lost`);
    return this.#lastMs;
  }

  mismatch(): Mismatch {
    const entries = [...this.#counts];
    return {
      lost: this.#missing,
      doubled: entries.filter(([key, count]) => count > 1 && this.#expected.has(key)).length,
      unknown: entries.filter(([key]) => !this.#expected.has(key)).length,
    };
  }

  async #allOrQuiet(): Promise<void> {
    this.#lastMs = performance.now();
    for (let before = -1; this.#missing > 0 && before !== this.#missing;) {
      before = this.#missing;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, patienceMs);
        this.#onComplete = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#onComplete = undefined;
  }
}

function toKey(consumer: string, eventId: string): string {
  return `${consumer} ${eventId}`;
}

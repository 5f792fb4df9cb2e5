/** Callers remembered; the one seen longest ago is forgotten first. */
const maxCallers = 10_000;

interface Bucket {
  tokens: number;
  atMs: number;
}

/**
 * A token bucket per caller in this process: `perMinute` requests a minute, bursts of as many. With several instances
 * a caller may have that much on each; it protects the instance, it is no accounting.
 */
export class RateLimit {
  readonly #buckets = new Map<string, Bucket>();

  constructor(private readonly perMinute: number) {}

  /** Seconds to wait; 0 when the request may pass. */
  take(caller: string, nowMs: number): number {
    const known = this.#buckets.get(caller) ?? { tokens: this.perMinute, atMs: nowMs };
    const perMs = this.perMinute / 60_000;
    const tokens = Math.min(this.perMinute, known.tokens + (nowMs - known.atMs) * perMs);
    this.#buckets.delete(caller);
    this.#buckets.set(caller, { tokens: tokens < 1 ? tokens : tokens - 1, atMs: nowMs });
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > maxCallers && oldest !== undefined) this.#buckets.delete(oldest);
    return tokens < 1 ? Math.ceil((1 - tokens) / perMs / 1_000) : 0;
  }
}

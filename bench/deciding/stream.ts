import { toSeal } from '../workload.js';

/** More than any cache holds, so an event that comes again finds nothing that was remembered of it. */
const events = 20_000;
/** Has no factor in common with `span`: steps of it meet every snapshot once, and ports in no order. */
const step = 7_919;
const span = 100_000;

/** Some events, each as a text and as a body. */
export interface Batch {
  readonly texts: readonly string[];
  readonly bodies: readonly Uint8Array[];
}

/** Seals of that many ports in batches, without an end: real streams repeat ports, not events. */
export function toStream(ports: number, batchSize: number): () => Batch {
  const texts = Array.from({ length: events }, (_, n) => JSON.stringify(toSeal('deciding', (n * step) % span, ports)));
  const batches = Array.from({ length: events / batchSize }, (_, n) => {
    const own = texts.slice(n * batchSize, (n + 1) * batchSize);
    return { texts: own, bodies: own.map((text) => Buffer.from(text)) };
  });
  let next = 0;
  return () => {
    const batch = batches[next % batches.length];
    if (batch === undefined) throw new Error('a stream has batches');
    next += 1;
    return batch;
  };
}

import type { HubEvent } from './hub-event.js';

const digits = /^\d{1,20}$/;

/** How far this process has come in each partition of the hub. */
export class HubProgress {
  private readonly nextOf = new Map<string, string>();

  /**
   * Whether a batch begins where one ended that this process finished. The first after a start does not, nor does the
   * first of a partition that was another process's: what ended that process may be in this very batch.
   */
  follows([first]: readonly HubEvent[]): boolean {
    return first !== undefined && this.nextOf.get(toPartition(first)) === first.origin.sequenceNumber;
  }

  /** The hub counts the events of a partition one by one; where it did not, the next batch would be taken for a first. */
  finished(batch: readonly HubEvent[]): void {
    const last = batch.at(-1);
    if (last === undefined || !digits.test(last.origin.sequenceNumber)) return;
    this.nextOf.set(toPartition(last), String(BigInt(last.origin.sequenceNumber) + 1n));
  }
}

/** A batch is of one partition; see `functions/trigger-metadata.ts`. */
function toPartition({ origin }: HubEvent): string {
  return `${origin.hub}!${origin.partition}`;
}

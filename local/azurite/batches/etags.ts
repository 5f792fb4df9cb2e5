import { toETag } from '../tables/row.js';

/** Etags of changes as they happen: the time with seven digits of a second, as the service has it, and no two the same. */
export class ETags {
  #ms = 0;
  #since = 0;
  #start = '';

  next(nowMs: number): string {
    if (nowMs > this.#ms) this.#goTo(nowMs);
    else if (this.#since === 9_999) this.#goTo(this.#ms + 1);
    else this.#since += 1;
    return toETag(`${this.#start}${String(this.#since).padStart(4, '0')}Z`);
  }

  #goTo(ms: number): void {
    this.#ms = ms;
    this.#since = 0;
    this.#start = new Date(ms).toISOString().slice(0, -1);
  }
}

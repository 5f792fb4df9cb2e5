/** So many new keys are put in order together; most of what is short-lived is gone by then. */
const runLength = 2_048;
/** So many runs of about one length become one, */
const mergedTogether = 8;
/** unless it would be longer than this: merging it would hold up everything else for too long. */
const longestRun = 131_072;

/**
 * Keys in the order of their UTF-16 code units, as the service orders them: sorted arrays of growing length, and the
 * latest keys unsorted before them. No key is in twice.
 *
 * A tree puts each key between others from long ago. Among millions each insertion meets memory that is in no cache, and
 * leaves a young text in an old node, which the collector of young objects has to look up there. Here a new key touches
 * nothing old until it is sorted, and then arrays that are read from end to end.
 */
export class OrderedKeys {
  readonly #latest = new Set<string>();
  #runs: string[][] = [];

  /** Add a key that is not in. */
  add(key: string): void {
    this.#latest.add(key);
    if (this.#latest.size < runLength) return;
    this.#runs.push([...this.#latest].sort());
    this.#latest.clear();
    this.#merge();
  }

  /** Take out a key that is in. */
  delete(key: string): void {
    if (this.#latest.delete(key)) return;
    // What goes is young most of the time.
    const run = this.#runs.findLast((each) => each[findIn(each, key)] === key);
    run?.splice(findIn(run, key), 1);
  }

  /** Keys from one on, in order; to be gone through before anything changes. */
  *from(first: string): Iterable<string> {
    const latest = [...this.#latest].filter((key) => key >= first).sort();
    const cursors = [...this.#runs, latest].map((run) => ({ run, at: findIn(run, first) }));
    yield* inOrder(cursors.filter(({ run, at }) => at < run.length));
  }

  /** Runs of about one length stand beside each other, longer ones before shorter ones. */
  #merge(): void {
    for (;;) {
      const last = this.#runs.slice(-mergedTogether);
      const length = last.reduce((sum, run) => sum + run.length, 0);
      const alike =
        last.length === mergedTogether && (last[0]?.length ?? 0) < (last.at(-1)?.length ?? 0) * mergedTogether;
      if (!alike || length > longestRun) return;
      // The engine's sort finds the runs in it and merges them.
      this.#runs = [...this.#runs.slice(0, -mergedTogether), last.flat().sort()];
    }
  }
}

/** A place in a run. */
interface Cursor {
  readonly run: readonly string[];
  at: number;
}

const keyOf = ({ run, at }: Cursor): string => run[at] ?? '';

/** The keys at and behind all cursors, in order. */
function* inOrder(cursors: Cursor[]): Iterable<string> {
  const waiting = cursors.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    yield keyOf(next);
    next.at += 1;
    if (next.at < next.run.length) insert(waiting, next);
  }
}

function insert(waiting: Cursor[], cursor: Cursor): void {
  const key = keyOf(cursor);
  const isBefore = (at: number): boolean => {
    const other = waiting[at];
    return other !== undefined && keyOf(other) < key;
  };
  waiting.splice(findFirst(waiting.length, isBefore), 0, cursor);
}

/** Where the first place is that is not before what is sought; the length when all are. */
function findFirst(length: number, isBefore: (at: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function findIn(run: readonly string[], key: string): number {
  return findFirst(run.length, (at) => (run[at] ?? '') < key);
}

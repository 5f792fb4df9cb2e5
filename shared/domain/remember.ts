/** The same function, which knows its latest answers: at most `most` of them, then it starts anew. */
export function remember<K, V>(most: number, derive: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const derived = derive(key);
    if (known.size >= most) known.clear();
    known.set(key, derived);
    return derived;
  };
}

const mostSharedText = 256;
const toSharedOf = remember(1_000, (json: string): unknown => JSON.parse(json));

/** An equal value that is one object wherever it is small and comes again. JSON only, and nobody may write to it. */
export function toShared<T>(value: T): T {
  const json = JSON.stringify(value);
  return json.length > mostSharedText ? value : (toSharedOf(json) as T); // it was one
}

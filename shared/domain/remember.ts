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

/** Lists of names that are kept, and how many of them may begin with the same name. */
const mostLists = 1_000;
const mostAlike = 8;

interface Known<V> {
  readonly names: readonly string[];
  readonly derived: V;
}

/**
 * The same function of the names of an object's members, which knows its latest answers. Objects of one schema are
 * mostly written in one way, and to see that names are those of before takes a comparison of pointers each.
 */
export function rememberNames<V>(derive: (names: readonly string[]) => V): (names: readonly string[]) => V {
  const byFirst = new Map<string | undefined, Known<V>[]>();
  let lists = 0;
  return (names) => {
    const alike = byFirst.get(names[0]);
    const known = alike?.find((each) => isSame(each.names, names));
    if (known !== undefined) return known.derived;
    const derived = derive(names);
    if (lists >= mostLists) {
      byFirst.clear();
      lists = 0;
    }
    lists += 1;
    if (alike === undefined || alike.length >= mostAlike) byFirst.set(names[0], [{ names, derived }]);
    else alike.push({ names, derived });
    return derived;
  };
}

function isSame(these: readonly string[], those: readonly string[]): boolean {
  if (these.length !== those.length) return false;
  for (let index = 0; index < these.length; index += 1) {
    if (these[index] !== those[index]) return false;
  }
  return true;
}

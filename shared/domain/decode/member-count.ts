const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;

/**
 * Number of members written in a JSON text, those with repeated names included: colons outside of strings.
 * `JSON.parse` keeps the last of two members with one name, so a parsed tree with fewer members had a repetition.
 */
export function countMembers(json: Uint8Array): number {
  let members = 0;
  for (let at = 0; at < json.length; at += 1) {
    if (json[at] === colon) members += 1;
    else if (json[at] === quote) at = toClosingQuote(json, at);
  }
  return members;
}

/**
 * Digits that a number takes at least, or less. `String` writes the fewest significant digits there are; an exponent would
 * be shorter for three zeros at the end, or two behind the point, and such numbers count as one digit.
 */
export function toShortestLength(value: number): number {
  const isShortest = Number.isSafeInteger(value)
    ? value % 1_000 !== 0
    : Math.abs(value) >= 0.01 && Math.abs(value) < 1e15;
  return isShortest ? String(value).length : 1;
}

function toClosingQuote(json: Uint8Array, opening: number): number {
  let at = opening + 1;
  while (at < json.length && json[at] !== quote) at += json[at] === backslash ? 2 : 1;
  return at;
}

const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],]/gs;

interface Open {
  /** Names seen so far; undefined for an array. */
  readonly names: Set<string> | undefined;
  /** Name or position of the current child. */
  at: string;
  items: number;
  expectsName: boolean;
}

/** Path of the first member whose name its object had before. The text must be valid JSON. */
export function findDuplicateMember(text: string): string[] | undefined {
  const open: Open[] = [];
  for (const [token] of text.matchAll(tokens)) {
    const top = open.at(-1);
    if (token === '{') open.push({ names: new Set(), at: '', items: 0, expectsName: true });
    else if (token === '[') open.push({ names: undefined, at: '0', items: 0, expectsName: false });
    else if (token === '}' || token === ']') open.pop();
    else if (top && token === ',') toNext(top);
    else if (top?.names && top.expectsName) {
      top.at = String(JSON.parse(token));
      top.expectsName = false;
      if (top.names.has(top.at)) return open.map(({ at }) => at);
      top.names.add(top.at);
    }
  }
  return undefined;
}

function toNext(container: Open): void {
  container.items += 1;
  if (container.names) container.expectsName = true;
  else container.at = String(container.items);
}

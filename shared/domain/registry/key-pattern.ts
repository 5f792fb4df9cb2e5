/** Answers whether a key matches. Takes time proportional to the key's length times its pattern's, at most. */
export type KeyMatcher = (key: string) => boolean;

/** Compile a pattern of keys: `*` inside a segment, `**` for all the rest. */
export function toKeyMatcher(pattern: string): KeyMatcher {
  if (pattern === '**') return () => true;
  const parts = pattern.split('.');
  const open = parts.at(-1) === '**';
  const fixed = open ? parts.slice(0, -1) : parts;
  return (key) => {
    const segments = key.split('.');
    if (open ? segments.length <= fixed.length : segments.length !== fixed.length) return false;
    return fixed.every((part, index) => matchesSegment(part, segments[index] ?? ''));
  };
}

/** Compile several patterns: any of them may match. */
export function toAnyMatcher(patterns: readonly string[]): KeyMatcher {
  const matchers = patterns.map(toKeyMatcher);
  return (key) => matchers.some((matches) => matches(key));
}

/** Wildcards without recursion: on a mismatch only the last `*` takes one character more. */
function matchesSegment(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let retry = 0;
  let position = 0;
  while (position < text.length) {
    if (pattern[at] === '*') {
      star = at;
      at += 1;
      retry = position;
    } else if (pattern[at] === text[position]) {
      at += 1;
      position += 1;
    } else if (star >= 0) {
      at = star + 1;
      retry += 1;
      position = retry;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

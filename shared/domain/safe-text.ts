// C0 and C1 controls (line breaks, escape sequences), line and paragraph separators, marks that reorder or hide text.
const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

/**
 * Text from outside, safe to show on one line of a log or a terminal: what could break the line, rewrite it or reorder
 * it appears as a `\uXXXX` escape. The same escapes mean the same inside a JSON string, so a JSON line stays JSON.
 */
export function toSafeText(text: string): string {
  return text.toWellFormed().replace(unsafe, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The text of a body, or what to do about a body that is no UTF-8 text. */
export type BodyText = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string };

// A byte order mark at the start is dropped.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/** Read a body as UTF-8; other encodings that are easy to recognise are named. Never throws. */
export function toBodyText(bytes: Uint8Array): BodyText {
  const encoding = guessEncoding(bytes);
  if (encoding !== undefined) return { ok: false, message: `the body is ${encoding}; send it as UTF-8 JSON` };
  try {
    return { ok: true, text: utf8.decode(bytes) };
  } catch {
    const at = findInvalidByte(bytes);
    return { ok: false, message: `the body is not UTF-8 text (byte ${at} is wrong); encode it as UTF-8 JSON` };
  }
}

function guessEncoding(bytes: Uint8Array): string | undefined {
  // By index: taken apart as a list, three bytes cost as much as the whole text.
  const first = bytes[0];
  const second = bytes[1];
  const third = bytes[2];
  if (first === 0x1f && second === 0x8b) return 'gzip data';
  if (first === 0x28 && second === 0xb5 && third === 0x2f) return 'zstd data';
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return 'UTF-16 or UTF-32';
  if (first !== undefined && second !== undefined && (first === 0) !== (second === 0)) return 'UTF-16 or UTF-32';
  return undefined;
}

/** Position of the first byte that no valid text can have there: the shortest prefix that does not decode. */
function findInvalidByte(bytes: Uint8Array): number {
  let valid = 0;
  let invalid = bytes.length;
  while (valid + 1 < invalid) {
    const middle = (valid + invalid) >>> 1;
    if (isValidStart(bytes.subarray(0, middle))) valid = middle;
    else invalid = middle;
  }
  return valid;
}

function isValidStart(bytes: Uint8Array): boolean {
  try {
    // Streaming lets the last character be unfinished.
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

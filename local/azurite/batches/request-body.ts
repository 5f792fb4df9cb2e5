import { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';

/**
 * Bodies become text as they come: as bytes, which live outside the heap, they make V8 mark all that is stored whenever
 * 64 MB of them have outlived a young generation.
 *
 * @throws Error when the connection ends before the body does
 */
export function readText(body: Readable): Promise<string> {
  let text = '';
  body.setEncoding('utf8');
  body.on('data', (part: string) => (text += part));
  return new Promise((resolve, reject) => body.on('end', () => resolve(text)).on('error', reject));
}

/** A request as it was before its body was read. */
export function unread(request: IncomingMessage, body: string): IncomingMessage {
  const { method, url, headers, rawHeaders, httpVersion, httpVersionMajor, httpVersionMinor } = request;
  const line = { method, url, httpVersion, httpVersionMajor, httpVersionMinor };
  // Complete: when it was read, nothing more is to come, and its connection stays.
  const same = Object.assign(new IncomingMessage(request.socket), { ...line, headers, rawHeaders, complete: true });
  same.push(body);
  same.push(null);
  return same;
}

/**
 * The bytes of a message body as they were sent.
 *
 * The SDKs hand over data sections as Buffers; value and sequence sections arrive decoded and become text.
 */
export function toBytes(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  if (body === undefined || body === null) return new Uint8Array();
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

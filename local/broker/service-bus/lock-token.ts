/** Bytes of a token's text, in order: how `$management` requests carry it. */
export function toUuidBytes(token: string): Buffer {
  return Buffer.from(token.replaceAll('-', ''), 'hex');
}

/** The token's text from its bytes. */
export function fromUuidBytes(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Delivery tag of a token: .NET Guid order, the first three groups little endian. */
export function toDeliveryTag(token: string): Buffer {
  const bytes = toUuidBytes(token);
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

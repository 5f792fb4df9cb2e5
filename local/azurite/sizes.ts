/** Azurite's handler of table requests, as far as it checks values. */
export interface Handler {
  checkProperties: (this: Handler, context: unknown, properties: Readonly<Record<string, unknown>>) => void;
}

/** Azurite's module that knows the size of a text. */
export interface Sizes {
  getUTF8ByteSize(text: string): number;
}

/** Azurite refuses some values of this length and more, and some that are empty; all between are fine. */
const longestFine = 32 * 1_024;

/**
 * Azurite copies each body and decodes each binary value to know their sizes. What that allocates outside the heap makes
 * V8 mark the whole heap again and again: with a million signals in it, two thirds of the time.
 */
export function measureWithoutCopies(utils: Sizes, handlers: { prototype: Handler }): void {
  utils.getUTF8ByteSize = (text) => Buffer.byteLength(text);
  const { checkProperties } = handlers.prototype;
  handlers.prototype.checkProperties = function (context, properties) {
    if (!Object.values(properties).every(isFine)) checkProperties.call(this, context, properties);
  };
}

function isFine(value: unknown): boolean {
  if (typeof value === 'string') return value.length > 0 && value.length < longestFine;
  return value === null || typeof value === 'number' || typeof value === 'boolean';
}

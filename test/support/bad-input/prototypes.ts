const watched = [Object, Array, String, Number, Boolean, Function, Map, Set, Promise, Error, Uint8Array, RegExp, Date];

/** Every member of the built-in prototypes, to be compared before and after. */
export function snapshotPrototypes(): string {
  return JSON.stringify(
    watched.map(({ name, prototype }) => [
      name,
      Reflect.ownKeys(prototype).map((key) => {
        const own = Reflect.getOwnPropertyDescriptor(prototype, key);
        return [String(key), typeof own?.value, own?.writable, own?.enumerable, own?.configurable];
      }),
    ]),
  );
}

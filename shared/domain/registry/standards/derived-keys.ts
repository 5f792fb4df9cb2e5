import type { CustomProperty } from '../../../contracts/registry/data-contract.js';

/** The value of a custom property, or undefined. */
export function toCustomValue(list: readonly CustomProperty[] | null | undefined, property: string): unknown {
  return list?.find((each) => each.property === property)?.value;
}

/** The value of a custom property that is text, or undefined. */
export function toCustomText(list: readonly CustomProperty[] | null | undefined, property: string): string | undefined {
  const value = toCustomValue(list, property);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * A name as a segment of a key: accents dropped, lower case, everything but letters and digits turned into single
 * dashes. Empty when nothing is left. `Käufe (EU)` -> `kaufe-eu`.
 */
export function toSlug(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return plain
    .split(/[^a-z0-9]+/)
    .filter((part) => part !== '')
    .join('-');
}

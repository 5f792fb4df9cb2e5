import { z } from 'zod';
import { DataContract } from './data-contract.js';
import { StandardDataProduct } from './data-product-standard.js';

/** A document in the shape of an open standard, kept as it was written. */
export const StandardDocument = z.discriminatedUnion('kind', [StandardDataProduct, DataContract]);
export type StandardDocument = z.infer<typeof StandardDocument>;

/** Whether a document claims to be one of a standard: those name the standard's version, ours have a key instead. */
export function isStandardDocument(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  return value.kind === 'DataContract' || (value.kind === 'DataProduct' && 'apiVersion' in value);
}

import { z } from 'zod';

const text = z.string().max(16_384);
const name = z.string().min(1).max(1_000);
const flag = z.boolean().nullish();

/** A named value that a standard document carries for programs it does not know. */
export const CustomProperty = z.looseObject({ property: name, value: z.json() });
export type CustomProperty = z.infer<typeof CustomProperty>;
export const CustomProperties = z.array(CustomProperty).nullish();

/** Quality rule of a contract; what a rule means is the business of the tool that runs it. */
export const QualityRule = z.looseObject({ name: text.nullish() });

/**
 * A property of a schema object, or a property inside one (ODCS v3 `schema[].properties[]`). Only what counts for
 * the schema hash and for comparing is named; everything else is kept as it is.
 */
export const ContractProperty = z.looseObject({
  /** Absent only for the items of an array. */
  name: name.nullish(),
  logicalType: z.string().min(1).max(64).nullish(),
  logicalTypeOptions: z.record(z.string(), z.json()).nullish(),
  required: flag,
  unique: flag,
  primaryKey: flag,
  primaryKeyPosition: z.int().nullish(),
  quality: z.array(QualityRule).nullish(),
  get properties() {
    return z.array(ContractProperty).nullish();
  },
  get items() {
    return ContractProperty.nullish();
  },
  /** Since ODCS v3.2: the two sides of `logicalType: map`. */
  get map() {
    return z.looseObject({ key: ContractProperty, value: ContractProperty }).nullish();
  },
});
export type ContractProperty = z.infer<typeof ContractProperty>;

/** One entry of ODCS `slaProperties`. */
export const SlaProperty = z.looseObject({
  property: name,
  value: z.json().optional(),
  unit: z.string().max(64).nullish(),
  element: text.nullish(),
});
export type SlaProperty = z.infer<typeof SlaProperty>;

/** A contract in the shape of the Open Data Contract Standard, version 3 (https://bitol-io.github.io). */
export const DataContract = z.looseObject({
  kind: z.literal('DataContract'),
  apiVersion: z.string().regex(/^v3\.\d{1,4}\.\d{1,4}$/, 'must be a version 3 of the standard, such as v3.0.2'),
  id: name,
  version: name.max(64),
  name: text.nullish(),
  status: text.nullish(),
  schema: z.array(ContractProperty).max(1_000).nullish(),
  slaProperties: z.array(SlaProperty).max(1_000).nullish(),
  customProperties: CustomProperties,
});
export type DataContract = z.infer<typeof DataContract>;

import { z } from 'zod';
import { CustomProperties } from './data-contract.js';

const text = z.string().max(16_384);
const name = z.string().min(1).max(1_000);

/** One version of an output port (ODPS `outputPorts[]`); name and version together are its key. */
export const StandardOutputPort = z.looseObject({
  name,
  version: name.max(64),
  description: text.nullish(),
  contractId: name.nullish(),
  customProperties: CustomProperties,
});
export type StandardOutputPort = z.infer<typeof StandardOutputPort>;

const TeamMember = z.looseObject({
  username: text.nullish(),
  name: text.nullish(),
  role: text.nullish(),
  dateOut: text.nullish(),
});

/**
 * A data product in the shape of the Open Data Product Standard, version 0.9 or 1 (https://bitol-io.github.io). Only
 * what Outport reads is named; everything else is kept as it is.
 */
export const StandardDataProduct = z.looseObject({
  kind: z.literal('DataProduct'),
  apiVersion: z.string().regex(/^v[01]\.\d{1,4}\.\d{1,4}$/, 'must be a version of the standard, such as v1.0.0'),
  id: name,
  name: name.nullish(),
  domain: name.nullish(),
  status: text.nullish(),
  description: z.looseObject({ purpose: text.nullish() }).nullish(),
  outputPorts: z.array(StandardOutputPort).max(1_000).nullish(),
  /** A list of people; since v1.1 also an object with a name and `members`. */
  team: z
    .union([
      z.array(TeamMember).max(1_000),
      z.looseObject({ name: text.nullish(), members: z.array(TeamMember).max(1_000).nullish() }),
    ])
    .nullish(),
  customProperties: CustomProperties,
});
export type StandardDataProduct = z.infer<typeof StandardDataProduct>;

import { z } from 'zod';
import { limits } from './limits.js';

const segment = '[a-z0-9]+(?:-[a-z0-9]+)*';

/** Key of a data product: `dp.<domain>.<product>`. */
export const DataProductKey = z
  .string()
  .max(limits.keyLength)
  .regex(new RegExp(`^dp\\.${segment}\\.${segment}$`), 'must look like dp.<domain>.<product>, lower case')
  .meta({ id: 'DataProductKey', examples: ['dp.sales.orders'] });
export type DataProductKey = z.infer<typeof DataProductKey>;

/** Key of an output port: `op.<domain>.<product>.<port>`. */
export const OutputPortKey = z
  .string()
  .max(limits.keyLength)
  .regex(
    new RegExp(`^op\\.${segment}\\.${segment}\\.${segment}$`),
    'must look like op.<domain>.<product>.<port>, lower case',
  )
  .meta({ id: 'OutputPortKey', examples: ['op.sales.orders.daily'] });
export type OutputPortKey = z.infer<typeof OutputPortKey>;

/** Key of a subscription: `sub.<domain>.<product>.<name>`, unique in the registry. */
export const SubscriptionKey = z
  .string()
  .max(limits.keyLength)
  .regex(
    new RegExp(`^sub\\.${segment}\\.${segment}\\.${segment}$`),
    'must look like sub.<domain>.<product>.<name>, lower case',
  )
  .meta({ id: 'SubscriptionKey', examples: ['sub.finance.revenue.orders'] });
export type SubscriptionKey = z.infer<typeof SubscriptionKey>;

/** Name of a stage, e.g. `dev`, `test`, `prod`; which stages exist is a setting. */
export const Stage = z
  .string()
  .regex(/^[a-z][a-z0-9]{0,15}$/, 'must be a short lower-case name such as dev, test or prod')
  .meta({ id: 'Stage', examples: ['prod'] });
export type Stage = z.infer<typeof Stage>;

// The grammar of semver.org, bounded in length; numeric parts without leading zeros.
const semverPattern =
  /^(0|[1-9]\d{0,15})\.(0|[1-9]\d{0,15})\.(0|[1-9]\d{0,15})(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

/** Semantic version of a port's contract. */
export const SemanticVersion = z
  .string()
  .max(64)
  .regex(semverPattern, 'must be a semantic version such as 2.1.0')
  .meta({ id: 'SemanticVersion', examples: ['2.1.0'] });
export type SemanticVersion = z.infer<typeof SemanticVersion>;

/** Hash of a contract's schema, as `<algorithm>:<hex>`. */
export const SchemaHash = z
  .string()
  .regex(/^[a-z0-9]{2,16}:[0-9a-f]{8,128}$/, 'must look like sha256:<hex>')
  .meta({ id: 'SchemaHash', examples: ['sha256:9f2c1a7be04d55e1'] });
export type SchemaHash = z.infer<typeof SchemaHash>;

// Controls would break logs and headers; marks that reorder or hide text would show another identifier than there is.
const identifierPattern =
  /^[^\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]+$/;

/** No character before these combines with another, so a text without them has one spelling. */
const combining = /[\u0300-\uffff]/;

/**
 * Printable text without control characters: safe in logs, headers and message ids. In Unicode normal form C, so that
 * two spellings that look the same are the same.
 */
export const Identifier = z
  .string()
  .min(1)
  .max(limits.idLength)
  .regex(identifierPattern, 'must not contain control characters or invisible marks; remove them')
  .refine(
    (text) => !combining.test(text) || text.normalize('NFC') === text,
    'must be in Unicode normal form C; normalize it before sending',
  );
export type Identifier = z.infer<typeof Identifier>;

/** A point in time with an explicit offset, ISO 8601. */
export const Instant = z.iso
  .datetime({ offset: true, error: 'must be an ISO 8601 time with offset, such as 2026-03-10T05:58:00Z' })
  .meta({ examples: ['2026-03-10T05:58:00Z'] });
export type Instant = z.infer<typeof Instant>;

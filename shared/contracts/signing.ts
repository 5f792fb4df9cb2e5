import { z } from 'zod';
import { Instant } from './keys.js';

/** Application properties that carry a detached signature; the same names are HTTP headers. Case does not matter. */
export const signatureProperties = { value: 'outport-signature', keyId: 'outport-key-id' } as const;

/** Name of a signing key, unique in its data product. */
export const SigningKeyId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be a short name such as k1');

/** A public key whose signatures count from `validFrom` until before `validUntil`; either may be left open. */
export const SigningKey = z
  .strictObject({
    id: SigningKeyId,
    /** Ed25519, DER (SubjectPublicKeyInfo) in base64: the one line between BEGIN and END of a public PEM file. */
    publicKey: z
      .string()
      .regex(/^MCowBQYDK2VwAyEA[A-Za-z0-9+/]{43}=$/, 'must be an Ed25519 public key: the middle line of its PEM file'),
    validFrom: Instant.optional(),
    validUntil: Instant.optional(),
  })
  .refine(
    ({ validFrom, validUntil }) =>
      validFrom === undefined || validUntil === undefined || Date.parse(validFrom) < Date.parse(validUntil),
    { path: ['validUntil'], error: 'must be later than validFrom' },
  );
export type SigningKey = z.infer<typeof SigningKey>;

/** The keys of a data product; two that overlap in time let it change over without a gap. */
export const SigningKeys = z
  .array(SigningKey)
  .min(1)
  .max(16)
  .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length, 'two keys have the same id; rename one');

/** A detached signature as it came, with the exact bytes it is for. */
export const EventSignature = z.object({ keyId: z.string(), value: z.string(), bodyBase64: z.string() });
export type EventSignature = z.infer<typeof EventSignature>;

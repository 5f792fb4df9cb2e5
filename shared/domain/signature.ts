import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { QuarantineReason } from '../contracts/problem.js';
import type { DataProductEntry } from '../contracts/registry.js';
import { type EventSignature, type SigningKey, signatureProperties } from '../contracts/signing.js';
import type { Refusal } from './admission.js';
import { toSafeText } from './safe-text.js';

/** The detached signature that came beside a body; undefined when nothing says there is one. */
export function readSignature(
  properties: Readonly<Record<string, unknown>>,
  body: Uint8Array,
): EventSignature | undefined {
  if (Object.keys(properties).length === 0) return undefined;
  const value = readProperty(properties, signatureProperties.value);
  const keyId = readProperty(properties, signatureProperties.keyId);
  if (value === undefined && keyId === undefined) return undefined;
  return { keyId: toText(keyId), value: toText(value), bodyBase64: Buffer.from(body).toString('base64') };
}

/** Whether somebody put a signature beside the body, whatever it is worth. */
export function isSigned(properties: Readonly<Record<string, unknown>>): boolean {
  return Object.values(signatureProperties).some((name) => readProperty(properties, name) !== undefined);
}

/**
 * Check what a data product published against the keys it declared; undefined when it may count.
 *
 * A product without keys is not checked. A product with keys may leave events unsigned unless `requireSigned`, but a
 * signature that is there must be right. `atMs` is when the hub took the event: a key's validity is meant at that time.
 */
export function checkSignature(
  product: DataProductEntry | undefined,
  signature: EventSignature | undefined,
  atMs: number,
): Refusal | undefined {
  if (product?.signingKeys === undefined) return undefined;
  if (signature === undefined) {
    if (product.requireSigned !== true) return undefined;
    const message = `${product.key} must sign its events; sign the body and send ${signatureProperties.value}`;
    return refusal('unsigned-event', signatureProperties.value, message);
  }
  const key = product.signingKeys.find(({ id }) => id === signature.keyId);
  const fault = key === undefined ? 'is not declared in the registry' : findValidityFault(key, atMs);
  if (key === undefined || fault !== undefined) {
    const message = `key "${toSafeText(signature.keyId.slice(0, 64))}" of ${product.key} ${fault}; use a key in force`;
    return refusal('unknown-signing-key', signatureProperties.keyId, message);
  }
  if (isAuthentic(key, signature)) return undefined;
  const message = `is not key ${key.id}'s Ed25519 signature of the exact body bytes, in base64; sign what is sent`;
  return refusal('invalid-signature', signatureProperties.value, message);
}

/** Ed25519 signature of a body, in base64. @throws Error when the key is not an Ed25519 private key */
export function signBody(body: Uint8Array, privateKey: KeyObject): string {
  return sign(null, body, privateKey).toString('base64');
}

function findValidityFault({ validFrom, validUntil }: SigningKey, atMs: number): string | undefined {
  if (validFrom !== undefined && atMs < Date.parse(validFrom)) return `is not valid before ${validFrom}`;
  if (validUntil !== undefined && atMs >= Date.parse(validUntil)) return `was valid until ${validUntil}`;
  return undefined;
}

const signaturePattern = /^[A-Za-z0-9+/_-]{86}(?:==)?$/;

function isAuthentic({ publicKey }: SigningKey, { value, bodyBase64 }: EventSignature): boolean {
  if (!signaturePattern.test(value)) return false;
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
  return verify(null, Buffer.from(bodyBase64, 'base64'), key, Buffer.from(value, 'base64'));
}

/** The value of a property, its name compared without regard to case; of two that differ in case neither counts. */
function readProperty(properties: Readonly<Record<string, unknown>>, name: string): unknown {
  const found = Object.entries(properties).filter(([each]) => each.toLowerCase() === name);
  return found.length > 1 ? '' : found[0]?.[1];
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 256) : '';
}

function refusal(reason: QuarantineReason, path: string, message: string): Refusal {
  return { reason, problems: [{ path: `properties.${path}`, message }] };
}

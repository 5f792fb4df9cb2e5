import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { OutgoingEvent } from '../../shared/adapters/event-hubs/publisher.js';
import { signatureProperties, SigningKeyId } from '../../shared/contracts/signing.js';
import { signBody } from '../../shared/domain/signature.js';
import { InputError } from '../errors.js';
import { readBytes } from './read-events.js';

/** Puts a signature beside an event, or leaves it as it is. */
export type Signer = (outgoing: OutgoingEvent) => OutgoingEvent;

/** The signer that `--sign-key` and `--key-id` ask for. @throws InputError */
export async function openSigner({ signKey, keyId }: { signKey?: string; keyId?: string }): Promise<Signer> {
  if (signKey === undefined && keyId === undefined) return (outgoing) => outgoing;
  if (signKey === undefined || !SigningKeyId.safeParse(keyId).success) {
    throw new InputError('--sign-key and --key-id go together', 'name the PEM file and the id of its key');
  }
  const privateKey = toPrivateKey(signKey, await readBytes(signKey));
  return (outgoing) => {
    const signed = { [signatureProperties.value]: signBody(outgoing.body, privateKey) };
    const properties = { ...outgoing.properties, ...signed, [signatureProperties.keyId]: keyId ?? '' };
    return { ...outgoing, properties };
  };
}

/** The error of the parser is not shown: it could quote the key. */
function toPrivateKey(file: string, pem: Uint8Array): KeyObject {
  try {
    const key = createPrivateKey(Buffer.from(pem));
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Answered below, like a key of another kind.
  }
  const next = 'make one with "openssl genpkey -algorithm ed25519 -out key.pem"';
  throw new InputError(`${file} is not an Ed25519 private key in PEM form`, next);
}

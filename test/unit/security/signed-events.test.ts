import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSigner } from '../../../cli/emit/signer.js';
import { DataProductEntry } from '../../../shared/contracts/registry.js';
import { checkSignature, readSignature, signBody } from '../../../shared/domain/signature.js';

const pair = () => generateKeyPairSync('ed25519');
const toText = (key: KeyObject): string => key.export({ format: 'der', type: 'spki' }).toString('base64');
const body = Buffer.from('{"eventId":"1"}');
const first = pair();
const second = pair();

const product = DataProductEntry.parse({
  kind: 'DataProduct',
  key: 'dp.pay.ledger',
  owner: 'team-pay',
  requireSigned: true,
  signingKeys: [
    { id: 'k1', publicKey: toText(first.publicKey), validUntil: '2026-03-10T00:00:00Z' },
    { id: 'k2', publicKey: toText(second.publicKey), validFrom: '2026-03-01T00:00:00Z' },
  ],
});

function outcome(keyId: string, key: KeyObject, at: string): string {
  const properties = { 'outport-signature': signBody(body, key), 'outport-key-id': keyId };
  return checkSignature(product, readSignature(properties, body), Date.parse(at))?.reason ?? 'accepted';
}

describe('changing over from one signing key to the next', () => {
  it.each([
    ['k1', 'before the new key is valid', '2026-02-20T00:00:00Z', 'accepted'],
    ['k2', 'before the new key is valid', '2026-02-20T00:00:00Z', 'unknown-signing-key'],
    ['k1', 'while both are', '2026-03-05T00:00:00Z', 'accepted'],
    ['k2', 'while both are', '2026-03-05T00:00:00Z', 'accepted'],
    ['k1', 'at the moment the old key ends', '2026-03-10T00:00:00Z', 'unknown-signing-key'],
    ['k2', 'after the old key ended', '2026-04-01T00:00:00Z', 'accepted'],
  ])('%s %s', (keyId, _, at, expected) => {
    expect(outcome(keyId, keyId === 'k1' ? first.privateKey : second.privateKey, at)).toBe(expected);
  });

  it('does not let one key sign in the name of the other', () => {
    expect(outcome('k1', second.privateKey, '2026-03-05T00:00:00Z')).toBe('invalid-signature');
  });
});

describe('signing keys in the registry', () => {
  const key = { id: 'k1', publicKey: toText(first.publicKey) };
  const problems = (members: object): string[] => {
    const entry = { kind: 'DataProduct', key: 'dp.pay.ledger', owner: 'team-pay', ...members };
    return DataProductEntry.safeParse(entry).error?.issues.map(({ path }) => path.join('.')) ?? [];
  };
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;

  it.each<[string, object, string[]]>([
    ['none', {}, []],
    ['one', { signingKeys: [key], requireSigned: true }, []],
    ['a requirement without keys', { requireSigned: true }, ['signingKeys']],
    ['an empty list', { signingKeys: [] }, ['signingKeys']],
    ['two with one id', { signingKeys: [key, key] }, ['signingKeys']],
    ['an RSA key', { signingKeys: [{ ...key, publicKey: toText(rsa) }] }, ['signingKeys.0.publicKey']],
    [
      'a key that ends before it begins',
      { signingKeys: [{ ...key, validFrom: '2026-02-01T00:00:00Z', validUntil: '2026-01-01T00:00:00Z' }] },
      ['signingKeys.0.validUntil'],
    ],
    ['a misspelt end', { signingKeys: [{ ...key, validUntill: '2026-01-01T00:00:00Z' }] }, ['signingKeys.0']],
  ])('%s', (_, members, expected) => {
    expect(problems(members)).toEqual(expected);
  });
});

describe('outport emit --sign-key', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'outport-sign-'));
    const pem = (key: KeyObject): string => String(key.export({ format: 'pem', type: 'pkcs8' }));
    await writeFile(join(folder, 'k1.pem'), pem(first.privateKey));
    await writeFile(join(folder, 'rsa.pem'), pem(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey));
    await writeFile(join(folder, 'broken.pem'), '-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----\n');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('signs the bytes that are sent, beside what else goes with them', async () => {
    const sign = await openSigner({ signKey: join(folder, 'k1.pem'), keyId: 'k1' });
    const { properties = {}, ...rest } = sign({ body, properties: { other: 'x' }, partitionKey: 'p' });

    expect(rest).toEqual({ body, partitionKey: 'p' });
    expect(properties).toMatchObject({ other: 'x', 'outport-key-id': 'k1' });
    const at = Date.parse('2026-03-05T00:00:00Z');
    expect(checkSignature(product, readSignature(properties, body), at)).toBeUndefined();
  });

  it.each([
    ['a key of another kind', 'rsa.pem', 'k1'],
    ['a file that is no key', 'broken.pem', 'k1'],
    ['a file that is not there', 'none.pem', 'k1'],
    ['no key id', 'k1.pem', undefined],
    ['a key id with a line break', 'k1.pem', 'k\n1'],
  ])('refuses %s without quoting it', async (_, file, keyId) => {
    const opening = openSigner({ signKey: join(folder, file), ...(keyId !== undefined && { keyId }) });
    await expect(opening).rejects.toThrow(expect.objectContaining({ name: 'InputError' }));
    await opening.catch((error: unknown) => expect(String(error)).not.toContain('CANARY'));
  });
});

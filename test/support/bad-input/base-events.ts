import { generateKeyPairSync, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { RegistryDocument } from '../../../shared/contracts/registry.js';
import { registryDocument, sealedEvent, schemaV3 } from '../../fixtures/events.js';

const head = {
  producer: { dataProduct: 'dp.sales.orders', domain: 'sales' },
  outputPort: { key: 'op.sales.orders.daily', version: '2.1.0', stage: 'prod' },
};

/** Valid events to start a case from. `ledger` is of a product that must sign. */
export const baseEvents: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  sealed: sealedEvent({ eventId: 'case' }),
  qualityFailed: {
    eventType: 'OutputPortQualityFailed',
    eventId: 'case',
    occurredAt: '2026-03-11T02:10:00Z',
    ...head,
    snapshot: { watermark: '2026-03-11T00:00:00Z', quality: { status: 'failed', ruleset: 'orders@3', score: 0.7 } },
  },
  breaking: {
    eventType: 'OutputPortContractBreaking',
    eventId: 'case',
    occurredAt: '2026-03-10T09:00:00Z',
    ...head,
    contract: { previousVersion: '2.1.0', schemaHash: schemaV3, changes: ['column customer_id removed'] },
  },
  retracted: {
    eventType: 'OutputPortSnapshotRetracted',
    eventId: 'case',
    occurredAt: '2026-03-11T08:30:00Z',
    ...head,
    snapshot: { watermark: '2026-03-11T00:00:00Z' },
    reason: 'double-counted returns',
  },
  receipt: {
    eventType: 'TriggerReceipt',
    eventId: 'case',
    occurredAt: '2026-03-11T02:20:00Z',
    triggerId: 'prod.3f.k7q2m4x5b6n7p2r3s2t3v4w5x6',
    consumer: 'dp.finance.revenue',
    status: 'succeeded',
  },
  ledger: sealedEvent({
    eventId: 'case',
    producer: { dataProduct: 'dp.pay.ledger', domain: 'pay' },
    outputPort: { key: 'op.pay.ledger.daily', version: '1.0.0', stage: 'prod' },
  }),
};

/** Test keys: `old` was valid until the middle of the test day, `k1` is, `next` will be, `stranger` is not declared. */
export const testKeys: Readonly<Record<string, KeyObject>> = {
  old: fromSeed(1),
  k1: fromSeed(2),
  next: fromSeed(3),
  stranger: generateKeyPairSync('ed25519').privateKey,
};

/** An Ed25519 private key from a seed of one repeated byte, in its fixed PKCS #8 frame. */
function fromSeed(byte: number): KeyObject {
  const frame = Buffer.from('302e020100300506032b657004220420', 'hex');
  return createPrivateKey({ key: Buffer.concat([frame, Buffer.alloc(32, byte)]), format: 'der', type: 'pkcs8' });
}

function toPublicText(key: KeyObject | undefined): string {
  if (key === undefined) throw new Error('no such test key');
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64');
}

/** The usual registry, a product that signs and must, one that may, and one with a port of the same name. */
export function badInputRegistry(): RegistryDocument {
  const document = registryDocument();
  const signingKeys = [
    { id: 'old', publicKey: toPublicText(testKeys['old']), validUntil: '2026-03-11T00:00:00Z' },
    { id: 'k1', publicKey: toPublicText(testKeys['k1']), validFrom: '2026-03-01T00:00:00Z' },
    { id: 'next', publicKey: toPublicText(testKeys['next']), validFrom: '2200-01-01T00:00:00Z' },
  ];
  return {
    ...document,
    products: [
      ...document.products,
      { kind: 'DataProduct', key: 'dp.pay.ledger', owner: 'team-pay', signingKeys, requireSigned: true },
      { kind: 'DataProduct', key: 'dp.web.clicks', owner: 'team-web', signingKeys },
    ],
    ports: [
      ...document.ports,
      ...['op.pay.ledger.daily', 'op.web.clicks.daily'].map((key) => ({
        kind: 'OutputPort' as const,
        key,
        dataProduct: key.replace('op.', 'dp.').replace('.daily', ''),
        contracts: [{ version: '1.0.0', schemaHash: 'sha256:9f2c1a7be04d55e1' }],
      })),
    ],
  };
}

import type { Remedy } from '../../contracts/api/explanation.js';
import type { SubscriptionEntry } from '../../contracts/registry.js';
import type { Signal } from '../../contracts/signal.js';
import type { SubscriptionInput } from '../../contracts/subscription.js';
import type { GateAnswer } from '../../contracts/verdict.js';
import { type CompiledRegistry, compileRegistry, wishesFor } from '../compiled-registry.js';
import type { PortWish } from '../port-wish.js';
import { answerGates } from '../gates.js';
import { toSnapshotTimeMs } from '../watermark.js';
import type { RemedyContext } from './remedies.js';

/** A change of what an input asks for, or of the subscription itself. */
interface Change {
  readonly text: string;
  readonly input?: Partial<SubscriptionInput>;
  readonly entry?: Partial<SubscriptionEntry>;
}

/** A subscription that takes the signal as it is; only for what a consumer decides for itself. */
export function toSubscriptionRemedy(failing: readonly GateAnswer[], context: RemedyContext): Remedy[] {
  const { signal, wish, registry } = context;
  const changes = failing.map(({ gate }) => toChange(gate, signal, wish));
  const known = changes.filter((change) => change !== undefined);
  if (known.length < changes.length) return [];
  const { entry } = wish.subscription;
  const { owner } = registry.products.get(entry.consumer) ?? { owner: 'unknown' };
  return [
    {
      kind: 'subscription',
      fact: `subscription ${entry.key} is changed: ${known.map(({ text }) => text).join(', ')}`,
      product: entry.consumer,
      owner,
      gates: failing.map(({ gate }) => gate),
      verified: passes(signal, toChanged(context, known), { registry, input: wish.input.name }),
    },
  ];
}

function toChange(gate: string, signal: Signal, wish: PortWish): Change | undefined {
  const { input } = wish.input;
  const snapshotTime = new Date(toSnapshotTimeMs(signal)).toISOString();
  const { schemaHash } = signal;
  switch (gate) {
    case 'version':
      return {
        text: `versions takes ${signal.outputPortVersion}`,
        input: { versions: `${input.versions} || ${signal.outputPortVersion}` },
      };
    case 'schema-hash':
      if (schemaHash === undefined) return undefined;
      return {
        text: `schemaHashes takes ${schemaHash}`,
        input: { schemaHashes: [...(input.schemaHashes ?? []), schemaHash] },
      };
    case 'quality':
      return toQualityChange(signal);
    case 'freshness': {
      const maxAgeMinutes = Math.ceil((Date.parse(signal.receivedAt) - toSnapshotTimeMs(signal)) / 60_000);
      return { text: `freshness allows ${maxAgeMinutes} minutes`, input: { freshness: { maxAgeMinutes } } };
    }
    case 'active-from':
      return { text: `activeFrom is ${snapshotTime} or earlier`, entry: { activeFrom: snapshotTime } };
    case 'cause': {
      const causes = [...(wish.subscription.entry.causes ?? ['live' as const]), signal.cause ?? 'live'];
      return { text: `causes takes ${signal.cause ?? 'live'}`, entry: { causes } };
    }
    default:
      return undefined;
  }
}

function toQualityChange({ qualityStatus, qualityScore }: Signal): Change | undefined {
  if (qualityStatus === undefined) return undefined;
  const score = qualityScore === undefined ? '' : ` and score ${qualityScore}`;
  const minimumQuality = { status: qualityStatus, ...(qualityScore !== undefined && { score: qualityScore }) };
  return { text: `minimumQuality takes ${qualityStatus}${score}`, input: { minimumQuality } };
}

function toChanged({ wish }: RemedyContext, changes: readonly Change[]): SubscriptionEntry {
  const { entry } = wish.subscription;
  const own = changes.reduce<SubscriptionEntry>((sum, change) => ({ ...sum, ...change.entry }), entry);
  const asked = changes.reduce<Partial<SubscriptionInput>>((sum, change) => ({ ...sum, ...change.input }), {});
  // An input's members are the entry's own when it has no inputs.
  if (own.inputs === undefined) return { ...own, ...asked };
  const input = { ...wish.input.input, ...asked };
  return { ...own, inputs: { ...own.inputs, [wish.input.name]: input } };
}

/** Ask the gates themselves, of a registry that holds this subscription alone. */
function passes(
  signal: Signal,
  entry: SubscriptionEntry,
  { registry, input }: { registry: CompiledRegistry; input: string },
): boolean {
  const alone = compileRegistry(registry.version, {
    products: [...registry.products.values()],
    ports: [...registry.ports.values()].map((port) => port.entry),
    subscriptions: [entry],
  });
  const wish = wishesFor(alone, signal.outputPortKey).find((each) => each.input.name === input);
  if (wish === undefined) return false;
  const answers = answerGates({ signal, wish, registry: alone, nowMs: Date.parse(signal.receivedAt) });
  return answers.every(({ answer }) => answer === 'pass');
}

import type { RegistryDocument } from '../../contracts/registry.js';
import { SubscriptionEntry } from '../../contracts/registry.js';
import { toContentHash } from '../../domain/identity.js';
import { checkSubscriptionChange } from '../../domain/registry/check-subscription-change.js';
import { ConsumptionOrder } from '../../domain/registry/consumption-order.js';
import { withoutSubscription, withSubscription } from '../../domain/registry/edit-document.js';
import { toEntryProblems } from '../../domain/registry/entry-problems.js';
import { planRegistry } from '../../domain/registry/plan.js';
import type { RegistryProblem } from '../../domain/registry/registry-problem.js';
import { toRegistryView } from '../../domain/registry/registry-view.js';
import { checkSourceShape } from '../../domain/registry/source-shape.js';
import type { RegistryPointer } from '../../ports/registry-store.js';
import type { ChannelChanges } from './channels.js';
import { type ApplyDeps, type ChangeRequest, publishRegistry } from './publish-registry.js';

/** What became of a change to one subscription. */
export type EditOutcome =
  | {
      readonly kind: 'created' | 'replaced' | 'removed';
      readonly version: string;
      readonly channels: ChannelChanges;
      /** Warnings. */
      readonly problems: readonly RegistryProblem[];
    }
  /** It is like that already. */
  | { readonly kind: 'unchanged'; readonly version: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'no-registry' }
  | { readonly kind: 'refused'; readonly problems: readonly RegistryProblem[] }
  /** Another version than the expected one is in force, or others were faster several times in a row. */
  | { readonly kind: 'overtaken'; readonly by: RegistryPointer | undefined };

/** Changes single subscriptions of the registry in force. */
export interface SubscriptionEditor {
  /** Put the subscription with this key, from JSON nobody has looked at. @throws RetryableError | TerminalError */
  put(key: string, value: unknown, request: ChangeRequest): Promise<EditOutcome>;
  /** Remove the subscription with this key. @throws RetryableError | TerminalError */
  remove(key: string, request: ChangeRequest): Promise<EditOutcome>;
}

/** Attempts against others who change the registry at the same time. */
const attempts = 5;

interface Base {
  readonly pointer: RegistryPointer;
  readonly document: RegistryDocument;
}

/**
 * An editor that keeps the version in force with its order of consumption: as long as nobody else applies, a change is
 * checked against circles without looking at the whole registry.
 */
export function createSubscriptionEditor(deps: ApplyDeps): SubscriptionEditor {
  let known: (Base & { readonly order: ConsumptionOrder }) | undefined;

  async function load(): Promise<typeof known> {
    const pointer = await deps.registryStore.pointer();
    if (pointer === undefined) return undefined;
    if (known?.pointer.version === pointer.version) return (known = { ...known, pointer });
    const document = await deps.registryStore.load(pointer.version);
    known = { pointer, document, order: ConsumptionOrder.of(toRegistryView(document)).order };
    return known;
  }

  /** Read, change, publish; again when somebody else was faster, unless the change was made for one version. */
  async function edit(
    request: ChangeRequest & { readonly action: string },
    change: (base: Base & { readonly order: ConsumptionOrder }) => Change,
  ): Promise<EditOutcome> {
    let by: RegistryPointer | undefined;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const base = await load();
      if (base === undefined) return { kind: 'no-registry' };
      by = base.pointer;
      if (request.expected !== undefined && request.expected !== base.pointer.version) break;
      const outcome = change(base);
      if (outcome.kind !== 'write') return outcome;
      const { document, done, problems } = outcome;
      // The order holds the change already; it must not be taken for that of the version before.
      known = undefined;
      const plan = planRegistry(base.document, document);
      const published = await publishRegistry({ document, base: base.pointer, plan }, request, deps);
      if (published.kind === 'applied') {
        const pointer = { ...base.pointer, version: published.version };
        known = { pointer, document, order: base.order };
        return { kind: done, version: published.version, channels: published.channels, problems };
      }
    }
    return { kind: 'overtaken', by };
  }

  return {
    put(key, value, request) {
      const read = readSubscription(key, value);
      if (!read.ok) return Promise.resolve({ kind: 'refused', problems: read.problems });
      const action = 'registry-put-subscription';
      return edit({ ...request, action }, (base) => toPut(read.entry, base, deps.clock.nowMs()));
    },
    remove: (key, request) =>
      edit({ ...request, action: 'registry-remove-subscription' }, (base) => toRemoval(key, base)),
  };
}

type Change =
  | {
      readonly kind: 'write';
      readonly document: RegistryDocument;
      readonly done: 'created' | 'replaced' | 'removed';
      readonly problems: readonly RegistryProblem[];
    }
  | Extract<EditOutcome, { kind: 'unchanged' | 'absent' | 'refused' }>;

function toPut(entry: SubscriptionEntry, base: Base & { readonly order: ConsumptionOrder }, nowMs: number): Change {
  const earlier = base.document.subscriptions.find(({ key }) => key === entry.key);
  if (earlier && toContentHash(earlier) === toContentHash(entry)) {
    return { kind: 'unchanged', version: base.pointer.version };
  }
  const problems = checkSubscriptionChange(entry, base.document, base.order, nowMs);
  if (problems.some(({ severity }) => severity === 'error')) return { kind: 'refused', problems };
  const document = withSubscription(base.document, entry);
  return { kind: 'write', document, done: earlier ? 'replaced' : 'created', problems };
}

function toRemoval(key: string, { document, order }: Base & { readonly order: ConsumptionOrder }): Change {
  if (!document.subscriptions.some((each) => each.key === key)) return { kind: 'absent' };
  order.remove(key);
  return { kind: 'write', document: withoutSubscription(document, key), done: 'removed', problems: [] };
}

type ReadSubscription =
  | { readonly ok: true; readonly entry: SubscriptionEntry }
  | { readonly ok: false; readonly problems: readonly RegistryProblem[] };

function readSubscription(key: string, value: unknown): ReadSubscription {
  const source = { file: 'request', value, lineOf: () => undefined };
  const fault = checkSourceShape(source);
  if (fault) return { ok: false, problems: [fault] };
  const parsed = SubscriptionEntry.safeParse(value);
  if (!parsed.success) return { ok: false, problems: toEntryProblems(source, parsed.error) };
  if (parsed.data.key === key) return { ok: true, entry: parsed.data };
  const message = `the address says ${key.slice(0, 128)}, the body says ${parsed.data.key}`;
  const fix = 'give both the same key';
  return { ok: false, problems: [{ severity: 'error', code: 'other-key', path: 'key', message, fix }] };
}

import { Range } from 'semver';
import type {
  CircuitBreaker,
  DataProductEntry,
  OutputPortEntry,
  RegistryDocument,
  SubscriptionEntry,
} from '../contracts/registry.js';
import type { Alignment, Condition, SubscriptionInput } from '../contracts/subscription.js';
import { remember, toShared } from './remember.js';
import { type EntitlementIndex, toEntitlementIndex } from './registry/entitlements.js';
import { toRegistryView } from './registry/registry-view.js';
import { toNamedInputs } from './registry/subscription-inputs.js';
import { type PortWish, toWish } from './port-wish.js';

/** One input of a subscription, with what is worth computing once per registry version. */
export interface CompiledInput {
  readonly name: string;
  readonly input: SubscriptionInput;
  readonly range: Range;
  /** The port's contract versions in the range. */
  readonly versionsInRange: readonly string[];
  /** Each once. */
  readonly acceptedSchemaHashes: string[];
}

/** A subscription ready for decisions. */
export interface CompiledSubscription {
  readonly entry: SubscriptionEntry;
  readonly activeFromMs: number;
  readonly inputs: ReadonlyMap<string, CompiledInput>;
  /** Which inputs must be there. */
  readonly condition: Condition;
  readonly align: Alignment;
  /** Whether its triggers wait for something of its own: a throttle, a window, or others to coalesce with. */
  readonly regulated: boolean;
}

/** Wishes for one port's signals, in the order of the registry. */
export interface PortWishes {
  /** Most ports have one wish, which is found without a list. */
  readonly firstWish: PortWish | undefined;
  readonly otherWishes: readonly PortWish[];
}

/** A port with those who wish for its signals. */
export interface CompiledPort extends PortWishes {
  readonly entry: OutputPortEntry;
  /** The product that owns it. */
  readonly owner: string;
  readonly circuitBreaker: CircuitBreaker | undefined;
  /** Each contract's version and, behind it, its schema hash. */
  readonly declared: readonly string[];
}

/** A registry version ready for decisions: immutable, looked up by key. */
export interface CompiledRegistry {
  readonly version: string;
  readonly products: ReadonlyMap<string, DataProductEntry>;
  readonly ports: ReadonlyMap<string, CompiledPort>;
  /** Wishes for ports that the registry does not have; signals that came before it may still meet them. */
  readonly strayWishes: ReadonlyMap<string, PortWishes>;
  readonly subscriptions: ReadonlyMap<string, CompiledSubscription>;
  /** Who may consume and publish what. */
  readonly entitlements: EntitlementIndex;
}

/** Compile an applied registry document. @throws TypeError for a range that is not semver; `apply` refuses those */
export function compileRegistry(version: string, document: RegistryDocument): CompiledRegistry {
  const view = toRegistryView(document);
  const ports = new Map(view.ports.map((entry) => [entry.key, compilePort(entry)]));
  const strayWishes = new Map<string, WishesDraft>();
  const subscriptions = new Map<string, CompiledSubscription>();
  for (const entry of view.subscriptions) {
    const subscription = compileSubscription(entry, ports);
    subscriptions.set(entry.key, subscription);
    for (const input of subscription.inputs.values()) {
      const key = input.input.port;
      const port = ports.get(key);
      const wish = toWish(subscription, input, port);
      if (port === undefined) strayWishes.set(key, addWish(strayWishes.get(key) ?? noWishes(), wish));
      else addWish(port, wish);
    }
  }
  const products = new Map(view.products.map((entry) => [entry.key, entry]));
  const entitlements = toEntitlementIndex(view, (port) => ports.get(port)?.owner);
  return { version, products, ports, strayWishes, subscriptions, entitlements };
}

/** Wishes while a registry is compiled. */
interface WishesDraft {
  firstWish: PortWish | undefined;
  otherWishes: PortWish[];
}

function noWishes(): WishesDraft {
  return { firstWish: undefined, otherWishes: [] };
}

function addWish(wishes: WishesDraft, wish: PortWish): WishesDraft {
  if (wishes.firstWish === undefined) wishes.firstWish = wish;
  else wishes.otherWishes.push(wish);
  return wishes;
}

function compilePort(entry: OutputPortEntry): CompiledPort & WishesDraft {
  const { dataProduct: owner, circuitBreaker, contracts } = entry;
  const declared = toShared(contracts.flatMap(({ version, schemaHash }) => [version, schemaHash]));
  return { owner, circuitBreaker, declared, firstWish: undefined, otherWishes: [], entry };
}

const noAlignment: Alignment = { by: 'exact', timeZone: 'UTC', partition: 'same' };

function compileSubscription(entry: SubscriptionEntry, ports: ReadonlyMap<string, CompiledPort>): CompiledSubscription {
  const inputs = toNamedInputs(entry).map(({ name, input }) => compileInput(name, input, ports.get(input.port)));
  const required = inputs.filter(({ input }) => !input.optional).map(({ name }) => name);
  return {
    entry,
    activeFromMs: Date.parse(entry.activeFrom),
    inputs: new Map(inputs.map((input) => [input.name, input])),
    condition: entry.when ?? { all: required },
    align: entry.align ?? noAlignment,
    regulated: entry.throttle !== undefined || entry.windows !== undefined || entry.coalesce?.mode === 'latest',
  };
}

/** Who wishes for a port's signals. */
export function wishesFor({ ports, strayWishes }: CompiledRegistry, port: string): readonly PortWish[] {
  const { firstWish, otherWishes } = ports.get(port) ?? strayWishes.get(port) ?? noWishes();
  return firstWish === undefined ? [] : [firstWish, ...otherWishes];
}

/** A range takes kilobytes, and thousands of subscriptions ask for the same few. */
const toRange = remember(1_000, (versions: string) => new Range(versions));

function compileInput(name: string, input: SubscriptionInput, port: CompiledPort | undefined): CompiledInput {
  const range = toRange(input.versions);
  const inRange = (port?.entry.contracts ?? []).filter((contract) => range.test(contract.version));
  const accepted = input.schemaHashes ?? inRange.map((contract) => contract.schemaHash);
  const versionsInRange = inRange.map((contract) => contract.version);
  const acceptedSchemaHashes = toShared([...new Set(accepted)]);
  return { name, input, range, versionsInRange: toShared(versionsInRange), acceptedSchemaHashes };
}

/** Whether an input takes a contract version; those of the registry were asked when it was compiled. */
export function isInRange(
  { range, versionsInRange }: Pick<CompiledInput, 'range' | 'versionsInRange'>,
  version: string,
): boolean {
  return versionsInRange.includes(version) || range.test(version);
}

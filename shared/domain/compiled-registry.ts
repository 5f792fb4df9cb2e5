import { Range } from 'semver';
import type {
  ContractEntry,
  DataProductEntry,
  OutputPortEntry,
  RegistryDocument,
  SubscriptionEntry,
} from '../contracts/registry.js';
import type { Alignment, Condition, SubscriptionInput } from '../contracts/subscription.js';
import { remember } from './remember.js';
import { type EntitlementIndex, toEntitlementIndex } from './registry/entitlements.js';
import { toRegistryView } from './registry/registry-view.js';
import { toNamedInputs } from './registry/subscription-inputs.js';

/** One input of a subscription, with what is worth computing once per registry version. */
export interface CompiledInput {
  readonly name: string;
  readonly input: SubscriptionInput;
  readonly range: Range;
  /** The port's contract versions in the range. */
  readonly versionsInRange: readonly string[];
  /** Each once. */
  readonly acceptedSchemaHashes: readonly string[];
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

/** A wish for a port's signals. */
export interface PortWish {
  readonly subscription: CompiledSubscription;
  readonly input: CompiledInput;
}

/** A port with its contracts by version. */
export interface CompiledPort {
  readonly entry: OutputPortEntry;
  readonly contracts: ReadonlyMap<string, ContractEntry>;
}

/** A registry version ready for decisions: immutable, looked up by key. */
export interface CompiledRegistry {
  readonly version: string;
  readonly products: ReadonlyMap<string, DataProductEntry>;
  readonly ports: ReadonlyMap<string, CompiledPort>;
  readonly wishesByPort: ReadonlyMap<string, readonly PortWish[]>;
  readonly subscriptions: ReadonlyMap<string, CompiledSubscription>;
  /** Who may consume and publish what. */
  readonly entitlements: EntitlementIndex;
}

/** Compile an applied registry document. @throws TypeError for a range that is not semver; `apply` refuses those */
export function compileRegistry(version: string, document: RegistryDocument): CompiledRegistry {
  const view = toRegistryView(document);
  const ports = new Map(view.ports.map((entry) => [entry.key, compilePort(entry)]));
  const subscriptions = new Map<string, CompiledSubscription>();
  const wishesByPort = new Map<string, PortWish[]>();
  for (const entry of view.subscriptions) {
    const subscription = compileSubscription(entry, ports);
    subscriptions.set(entry.key, subscription);
    for (const input of subscription.inputs.values()) {
      const others = wishesByPort.get(input.input.port);
      if (others) others.push({ subscription, input });
      else wishesByPort.set(input.input.port, [{ subscription, input }]);
    }
  }
  const products = new Map(view.products.map((entry) => [entry.key, entry]));
  const entitlements = toEntitlementIndex(view, (port) => ports.get(port)?.entry.dataProduct);
  return { version, products, ports, wishesByPort, subscriptions, entitlements };
}

function compilePort(entry: OutputPortEntry): CompiledPort {
  return { entry, contracts: new Map(entry.contracts.map((contract) => [contract.version, contract])) };
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

/** A range takes kilobytes, and thousands of subscriptions ask for the same few. */
const toRange = remember(1_000, (versions: string) => new Range(versions));

function compileInput(name: string, input: SubscriptionInput, port: CompiledPort | undefined): CompiledInput {
  const range = toRange(input.versions);
  const inRange = (port?.entry.contracts ?? []).filter((contract) => range.test(contract.version));
  const accepted = input.schemaHashes ?? inRange.map((contract) => contract.schemaHash);
  const versionsInRange = inRange.map((contract) => contract.version);
  return { name, input, range, versionsInRange, acceptedSchemaHashes: [...new Set(accepted)] };
}

/** Whether an input takes a contract version; those of the registry were asked when it was compiled. */
export function isInRange({ range, versionsInRange }: CompiledInput, version: string): boolean {
  return versionsInRange.includes(version) || range.test(version);
}

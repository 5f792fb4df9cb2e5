import { Range } from 'semver';
import type { DataProductEntry, OutputPortEntry, RegistryDocument, SubscriptionEntry } from '../contracts/registry.js';

/** A subscription with everything that is worth computing once per registry version. */
export interface CompiledSubscription {
  readonly entry: SubscriptionEntry;
  readonly range: Range;
  readonly acceptedSchemaHashes: ReadonlySet<string>;
  readonly activeFromMs: number;
}

/** A registry version ready for decisions: immutable, looked up by port. */
export interface CompiledRegistry {
  readonly version: string;
  readonly products: ReadonlyMap<string, DataProductEntry>;
  readonly ports: ReadonlyMap<string, OutputPortEntry>;
  readonly subscriptionsByPort: ReadonlyMap<string, readonly CompiledSubscription[]>;
}

/** Compile an applied registry document. @throws TypeError for a range that is not semver; `apply` refuses those */
export function compileRegistry(version: string, document: RegistryDocument): CompiledRegistry {
  const ports = new Map(document.ports.map((port) => [port.key, port]));
  const subscriptionsByPort = new Map<string, CompiledSubscription[]>();
  for (const entry of document.subscriptions) {
    const compiled = compileSubscription(entry, ports.get(entry.port));
    const others = subscriptionsByPort.get(entry.port);
    if (others) others.push(compiled);
    else subscriptionsByPort.set(entry.port, [compiled]);
  }
  return { version, products: new Map(document.products.map((p) => [p.key, p])), ports, subscriptionsByPort };
}

function compileSubscription(entry: SubscriptionEntry, port: OutputPortEntry | undefined): CompiledSubscription {
  const range = new Range(entry.versions);
  const inRange = (port?.contracts ?? []).filter((contract) => range.test(contract.version));
  return {
    entry,
    range,
    acceptedSchemaHashes: new Set(entry.schemaHashes ?? inRange.map((contract) => contract.schemaHash)),
    activeFromMs: Date.parse(entry.activeFrom),
  };
}

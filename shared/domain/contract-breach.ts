import type { CompiledRegistry } from './compiled-registry.js';

/** A version sealed with another schema than its registered contract has. */
export interface ContractBreach {
  readonly declared: string;
  readonly owner: string;
  /** One sentence for people. */
  readonly reason: string;
}

/** Compare a snapshot's schema hash with the contract of its version; a version that is not registered breaks nothing. */
export function findContractBreach(
  snapshot: { outputPortKey: string; outputPortVersion: string; schemaHash?: string | undefined },
  registry: CompiledRegistry,
): ContractBreach | undefined {
  const port = registry.ports.get(snapshot.outputPortKey);
  const declared = port?.contracts.get(snapshot.outputPortVersion)?.schemaHash;
  if (port === undefined || declared === undefined || snapshot.schemaHash === undefined) return undefined;
  if (declared === snapshot.schemaHash) return undefined;
  const owner = registry.products.get(port.entry.dataProduct)?.owner ?? port.entry.dataProduct;
  const reason = `${port.entry.dataProduct} sealed ${snapshot.outputPortVersion} with schema ${snapshot.schemaHash}, but its contract says ${declared}.`;
  return { declared, owner, reason };
}

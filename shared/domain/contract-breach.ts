import type { CompiledPort, CompiledRegistry } from './compiled-registry.js';

/** A version sealed with another schema than its registered contract has. */
export interface ContractBreach {
  readonly declared: string;
  readonly owner: string;
  /** One sentence for people. */
  readonly reason: string;
}

/** Compare a snapshot's schema hash with the contract of its version; a version that is not registered breaks nothing. */
export function findContractBreach(
  { version, schemaHash }: { version: string; schemaHash: string | undefined },
  port: CompiledPort | undefined,
  { products }: Pick<CompiledRegistry, 'products'>,
): ContractBreach | undefined {
  if (port === undefined || schemaHash === undefined) return undefined;
  const declared = findDeclared(port, version);
  if (declared === undefined || declared === schemaHash) return undefined;
  const owner = products.get(port.owner)?.owner ?? port.owner;
  const reason = `${port.owner} sealed ${version} with schema ${schemaHash}, but its contract says ${declared}.`;
  return { declared, owner, reason };
}

function findDeclared({ declared }: CompiledPort, version: string): string | undefined {
  for (let at = declared.length - 2; at >= 0; at -= 2) {
    if (declared[at] === version) return declared[at + 1];
  }
  return undefined;
}

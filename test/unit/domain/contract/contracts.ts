import { type ContractProperty, DataContract } from '../../../../shared/contracts/registry/data-contract.js';

export const column = (name: string, rest: Partial<ContractProperty> = {}): ContractProperty => ({
  name,
  logicalType: 'string',
  ...rest,
});

/** A contract with one table of these columns. */
export function contract(columns: ContractProperty[], rest: Record<string, unknown> = {}): DataContract {
  return DataContract.parse({
    kind: 'DataContract',
    apiVersion: 'v3.0.2',
    id: 'orders',
    version: '1.0.0',
    status: 'active',
    schema: [{ name: 'orders', properties: columns }],
    ...rest,
  });
}

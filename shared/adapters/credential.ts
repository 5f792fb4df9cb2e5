import { DefaultAzureCredential, ManagedIdentityCredential, type TokenCredential } from '@azure/identity';
import type { Connection } from '../config/connection.js';

/** The credential of an identity-based connection: the managed identity on Azure, the developer's login elsewhere. */
export function toCredential({ managed, clientId }: Extract<Connection, { kind: 'identity' }>): TokenCredential {
  if (!managed) return new DefaultAzureCredential();
  return clientId === undefined ? new ManagedIdentityCredential() : new ManagedIdentityCredential({ clientId });
}

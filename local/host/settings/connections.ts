import type { TokenCredential } from '@azure/identity';
import type { Environment } from './host-json.js';

/** Where a `connection` name leads: a connection string, or an address to be used with an identity. */
export type Connection =
  | { readonly kind: 'string'; readonly connectionString: string }
  | { readonly kind: 'identity'; readonly address: string; readonly clientId: string | undefined };

const DEVELOPMENT_STORAGE =
  'DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;' +
  'AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;' +
  'BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1;' +
  'TableEndpoint=http://127.0.0.1:10002/devstoreaccount1;';

/**
 * Resolve a messaging connection. A setting whose name is exactly `name` wins over the `name__*` group, as on Azure.
 *
 * @throws Error when neither exists
 */
export function resolveMessaging(name: string, settings: Environment): Connection {
  const connectionString = settings[name] ?? settings[`AzureWebJobs${name}`];
  if (connectionString) return { kind: 'string', connectionString };
  const address = settings[`${name}__fullyQualifiedNamespace`];
  if (address) return { kind: 'identity', address, clientId: settings[`${name}__clientId`] };
  throw new Error(
    `connection "${name}" is not set; add the app setting "${name}" or "${name}__fullyQualifiedNamespace"`,
  );
}

/**
 * Resolve the host's own storage, `AzureWebJobsStorage`.
 *
 * @throws Error when neither form of the setting exists
 */
export function resolveHostStorage(settings: Environment): Connection {
  const value = settings['AzureWebJobsStorage'];
  if (value === 'UseDevelopmentStorage=true') return { kind: 'string', connectionString: DEVELOPMENT_STORAGE };
  if (value) return { kind: 'string', connectionString: value };
  const account = settings['AzureWebJobsStorage__accountName'];
  const address =
    settings['AzureWebJobsStorage__blobServiceUri'] ?? (account && `https://${account}.blob.core.windows.net`);
  if (address) return { kind: 'identity', address, clientId: settings['AzureWebJobsStorage__clientId'] };
  throw new Error('host storage is not set; add the app setting "AzureWebJobsStorage"');
}

/** The developer's or the platform's identity. Loaded on demand: its import is slow and local runs do not need it. */
export async function toCredential(clientId: string | undefined): Promise<TokenCredential> {
  const { DefaultAzureCredential } = await import('@azure/identity');
  return clientId ? new DefaultAzureCredential({ managedIdentityClientId: clientId }) : new DefaultAzureCredential();
}

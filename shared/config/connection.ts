/** How to reach one Azure service: a connection string, or an endpoint to be used with an identity. */
export type Connection =
  | { readonly kind: 'connection-string'; readonly value: string }
  | {
      readonly kind: 'identity';
      /** Namespace host (`x.servicebus.windows.net`) or service URL. */
      readonly endpoint: string;
      /** Client id of a user-assigned identity. */
      readonly clientId?: string;
      /** True on Azure, where the managed identity is used; otherwise the developer's own login. */
      readonly managed: boolean;
    };

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Read the connection `name`: `<name>` holds a connection string and wins, as on the platform; else
 * `<name>__<endpointSuffix>`, `<name>__credential` and `<name>__clientId` describe an identity-based one.
 */
export function readConnection(
  env: Environment,
  name: string,
  endpointSuffix: 'fullyQualifiedNamespace' | 'tableServiceUri',
): { ok: true; value: Connection } | { ok: false; problem: string } {
  const value = env[name];
  if (value !== undefined && value !== '') return { ok: true, value: { kind: 'connection-string', value } };
  const endpoint = env[`${name}__${endpointSuffix}`];
  if (endpoint === undefined || endpoint === '') {
    const problem = `${name}: not set; set ${name} to a connection string, or ${name}__${endpointSuffix} for an identity`;
    return { ok: false, problem };
  }
  const clientId = env[`${name}__clientId`];
  const managed = env[`${name}__credential`] === 'managedidentity';
  return { ok: true, value: { kind: 'identity', endpoint, managed, ...(clientId && { clientId }) } };
}

import type { ServiceBusAdministrationClient } from '@azure/service-bus';

/**
 * Send a management client's requests to `adminUrl` instead of the namespace's own host; path and query stay.
 * The client takes no such option, but it exposes its request pipeline.
 */
export function redirectRequests(
  client: ServiceBusAdministrationClient,
  adminUrl: string,
): ServiceBusAdministrationClient {
  const target = new URL(adminUrl);
  client.pipeline.addPolicy({
    name: 'outportAdminRedirect',
    sendRequest(request, next) {
      const url = new URL(request.url);
      url.protocol = target.protocol;
      url.host = target.host;
      request.url = url.toString();
      request.allowInsecureConnection = target.protocol === 'http:';
      return next(request);
    },
  });
  return client;
}

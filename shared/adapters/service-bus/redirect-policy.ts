import type { ServiceBusAdministrationClientOptions } from '@azure/service-bus';

type AdditionalPolicy = NonNullable<ServiceBusAdministrationClientOptions['additionalPolicies']>[number];

/** Send management requests to `adminUrl` instead of the namespace's own host; path and query stay. */
export function toRedirectPolicy(adminUrl: string): AdditionalPolicy {
  const target = new URL(adminUrl);
  return {
    position: 'perRetry',
    policy: {
      name: 'outportAdminRedirect',
      sendRequest(request, next) {
        const url = new URL(request.url);
        url.protocol = target.protocol;
        url.host = target.host;
        request.url = url.toString();
        request.allowInsecureConnection = target.protocol === 'http:';
        return next(request);
      },
    },
  };
}

import { z } from 'zod';
import {
  RegistryBody,
  RegistryChanged,
  RegistryChangeQuery,
  RegistryInForce,
  RegistryVersion,
  SubscriptionParams,
} from './registry.js';
import { listOf, type Route } from './route.js';

/** The operations on the registry: everybody who reads may see it, admins change it. */
export const registryRoutes = {
  showRegistry: {
    method: 'GET',
    path: 'registry',
    role: 'reader',
    summary: 'Show the registry in force',
    status: 200,
    response: RegistryInForce,
    etag: true,
  },
  replaceRegistry: {
    method: 'PUT',
    path: 'registry',
    role: 'admin',
    summary: 'Put a whole registry in force, in place of the version that If-Match names',
    query: RegistryChangeQuery,
    body: RegistryBody,
    status: 200,
    response: RegistryChanged,
    etag: true,
  },
  listRegistryVersions: {
    method: 'GET',
    path: 'registry/versions',
    role: 'reader',
    summary: 'List registry versions, newest first, with who applied them and why',
    status: 200,
    response: listOf(RegistryVersion),
  },
  putSubscription: {
    method: 'PUT',
    path: 'registry/subscriptions/{key}',
    role: 'admin',
    summary: 'Add or replace one subscription; a circle of consumption is refused',
    params: SubscriptionParams,
    query: RegistryChangeQuery,
    body: z.record(z.string(), z.unknown()).meta({ id: 'AnySubscription' }),
    status: 200,
    response: RegistryChanged,
    etag: true,
  },
  removeSubscription: {
    method: 'DELETE',
    path: 'registry/subscriptions/{key}',
    role: 'admin',
    summary: 'Remove one subscription',
    params: SubscriptionParams,
    query: RegistryChangeQuery,
    status: 200,
    response: RegistryChanged,
    etag: true,
  },
} as const satisfies Record<string, Route>;

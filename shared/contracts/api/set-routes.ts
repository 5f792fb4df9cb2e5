import { PendingSet, SetPath, SetRequest, SetResult } from './pending-set.js';
import { SetsQuery } from './queries.js';
import { listOf, type Route } from './route.js';

/** Operations on sets of inputs. */
export const setRoutes = {
  listSets: {
    method: 'GET',
    path: 'sets',
    role: 'reader',
    summary: 'List what a subscription with several inputs waits for',
    query: SetsQuery,
    status: 200,
    response: listOf(PendingSet),
  },
  showSet: {
    method: 'GET',
    path: 'sets/{subscription}/{set}',
    role: 'reader',
    summary: 'Show what is there of one set of inputs, and what is missing',
    params: SetPath,
    status: 200,
    response: PendingSet,
    etag: true,
  },
  clearSet: {
    method: 'POST',
    path: 'sets/{subscription}/{set}/clear',
    role: 'operator',
    summary: 'Forget what came in of a set; what fired does not fire again',
    params: SetPath,
    body: SetRequest,
    status: 200,
    response: SetResult,
    etag: true,
  },
  releaseSet: {
    method: 'POST',
    path: 'sets/{subscription}/{set}/release',
    role: 'operator',
    summary: 'Let a set go with what is there, although its condition does not hold',
    params: SetPath,
    body: SetRequest,
    status: 202,
    response: SetResult,
    etag: true,
  },
} as const satisfies Record<string, Route>;

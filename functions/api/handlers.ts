import type { z } from 'zod';
import type { OperatorProblem, Outcome } from '../../shared/contracts/api/operator-problem.js';
import type { ApiProblemCode } from '../../shared/contracts/api/problem-details.js';
import type { RouteName, routes } from '../../shared/contracts/api/routes.js';
import type { Problem } from '../../shared/contracts/problem.js';
import type { AdvanceDeps } from '../../shared/pipeline/operators/advance-replay.js';
import { queryAudit } from '../../shared/pipeline/operators/audit.js';
import { pause, resume } from '../../shared/pipeline/operators/change-controls.js';
import { explain } from '../../shared/pipeline/operators/explain.js';
import type { OperatorDeps } from '../../shared/pipeline/operators/operator-deps.js';
import { publishEvents } from '../../shared/pipeline/operators/publish-events.js';
import { queryTriggers, queryVerdicts } from '../../shared/pipeline/operators/query-ledger.js';
import { queryQuarantine, showQuarantined } from '../../shared/pipeline/operators/query-quarantine.js';
import { querySets } from '../../shared/pipeline/operators/query-sets.js';
import { releasePendingSet } from '../../shared/pipeline/operators/release-set.js';
import { querySignals } from '../../shared/pipeline/operators/query-signals.js';
import { listDeadLetters, redrive, type RedriveDeps } from '../../shared/pipeline/operators/redrive.js';
import { cancelReplay, resumeReplay, showReplay, startReplay } from '../../shared/pipeline/operators/replays.js';
import {
  discardQuarantined,
  resubmitQuarantined,
  settleQuarantineBatch,
} from '../../shared/pipeline/operators/settle-quarantine.js';
import { clearPendingSet, showSet } from '../../shared/pipeline/operators/settle-set.js';
import { resolveTriggers, simulate } from '../../shared/pipeline/operators/simulate.js';
import type { ControlState } from '../../shared/ports/control-store.js';
import type { StoredReplay } from '../../shared/ports/replay-store.js';
import type { Caller } from './caller.js';
import {
  listRegistryVersions,
  putRegistry,
  putSubscription,
  type RegistryApiDeps,
  removeSubscription,
  showRegistry,
} from './registry-handlers.js';
import { toIncomingEvents, toSimulatedEvent } from './event-body.js';

/** What the API's use cases need. */
export interface ApiDeps
  extends
    OperatorDeps,
    RegistryApiDeps,
    Omit<AdvanceDeps, keyof OperatorDeps | 'wait'>,
    Pick<RedriveDeps, 'deadLetters'> {}

/** What a handler answers. */
export interface Answer {
  readonly body: unknown;
  readonly etag?: string;
}

/** An expected failure, with the API's own kinds beside the use cases'. */
export interface ApiProblem extends Omit<OperatorProblem, 'code'> {
  readonly code: ApiProblemCode;
  readonly problems?: readonly Problem[];
}

export type ApiOutcome =
  { readonly ok: true; readonly value: Answer } | { readonly ok: false; readonly problem: ApiProblem };

type Part<N extends RouteName, P extends 'params' | 'query' | 'body'> =
  (typeof routes)[N] extends Record<P, infer S> ? (S extends z.ZodType ? z.infer<S> : undefined) : undefined;

/** A request with every part checked. */
export interface ApiRequest<N extends RouteName> {
  readonly params: Part<N, 'params'>;
  readonly query: Part<N, 'query'>;
  readonly body: Part<N, 'body'>;
  readonly caller: Caller;
  readonly ifMatch: string | undefined;
  /** CloudEvents attributes of the binary mode, by name. */
  readonly cloudEventHeaders: Readonly<Record<string, string>>;
}

export type Handlers = { readonly [N in RouteName]: (request: ApiRequest<N>, deps: ApiDeps) => Promise<ApiOutcome> };

/** The use case behind each route. */
export const handlers: Handlers = {
  listSignals: async ({ query }, deps) => toAnswer(await querySignals(query, deps)),
  listTriggers: async ({ query }, deps) => toAnswer(await queryTriggers(query, deps)),
  listVerdicts: async ({ query }, deps) => toAnswer(await queryVerdicts(query, deps)),
  resolveTriggers: async ({ body }, deps) => toAnswer(await resolveTriggers(body, deps)),
  listSets: async ({ query }, deps) => toAnswer(await querySets(query, deps)),
  showSet: async ({ params }, deps) => {
    const shown = await showSet(params, deps);
    return shown.ok ? answer(shown.value, shown.value.etag) : shown;
  },
  clearSet: async ({ params, body, caller, ifMatch }, deps) => {
    return toAnswer(await clearPendingSet(params, { ...body, actor: caller.actor, etag: ifMatch }, deps));
  },
  releaseSet: async ({ params, body, caller, ifMatch }, deps) => {
    return toAnswer(await releasePendingSet(params, { ...body, actor: caller.actor, etag: ifMatch }, deps));
  },
  explain: async ({ params, query }, deps) => toAnswer(await explain({ ...params, ...query }, deps)),
  simulate: async ({ body, cloudEventHeaders }, deps) => {
    return answer(await simulate(toSimulatedEvent(body, cloudEventHeaders), deps));
  },
  publishEvents: async ({ body, cloudEventHeaders }, deps) => {
    const outcome = await publishEvents(toIncomingEvents(body, cloudEventHeaders), deps);
    if (outcome.kind === 'accepted') return answer(outcome.accepted);
    const detail = 'nothing was published';
    const next = 'correct the events and send all of them again';
    return { ok: false, problem: { code: 'invalid-events', detail, next, problems: outcome.problems } };
  },
  listQuarantine: async ({ query }, deps) => toAnswer(await queryQuarantine(query, deps)),
  showQuarantined: async ({ params }, deps) => {
    const shown = await showQuarantined(params.id, deps);
    return shown.ok ? answer(shown.value, shown.value.etag) : shown;
  },
  resubmitQuarantined: async ({ params, body, caller, ifMatch }, deps) => {
    return toAnswer(await resubmitQuarantined(params.id, { ...body, actor: caller.actor, etag: ifMatch }, deps));
  },
  discardQuarantined: async ({ params, body, caller, ifMatch }, deps) => {
    return toAnswer(await discardQuarantined(params.id, { ...body, actor: caller.actor, etag: ifMatch }, deps));
  },
  settleQuarantine: async ({ body, caller }, deps) => answer(await settleQuarantineBatch(body, caller.actor, deps)),
  listReplays: async (_, deps) => answer({ items: await deps.replayStore.list(listedReplays) }),
  startReplay: (request, deps) => start(request, deps, false),
  forceReplay: (request, deps) => start(request, deps, true),
  showReplay: async ({ params }, deps) => toReplayAnswer(await showReplay(params.name, deps)),
  cancelReplay: async ({ params, caller, ifMatch }, deps) => {
    return toReplayAnswer(await cancelReplay(params.name, { actor: caller.actor, etag: ifMatch }, deps));
  },
  resumeReplay: async ({ params, caller, ifMatch }, deps) => {
    return toReplayAnswer(await resumeReplay(params.name, { actor: caller.actor, etag: ifMatch }, deps));
  },
  showControls: async (_, deps) => {
    const state = await deps.controlStore.read();
    return answer({ pauses: state.pauses }, state.etag);
  },
  pause: async ({ body, caller, ifMatch }, deps) => {
    return toControlAnswer(await pause(body, { actor: caller.actor, etag: ifMatch }, deps));
  },
  resume: async ({ body, caller, ifMatch }, deps) => {
    return toControlAnswer(await resume(body, { actor: caller.actor, etag: ifMatch }, deps));
  },
  listDeadLetters: async ({ query }, deps) => toAnswer(await listDeadLetters(query, deps)),
  redrive: async ({ body, caller }, deps) => toAnswer(await redrive(body, caller.actor, deps)),
  listAudit: async ({ query }, deps) => toAnswer(await queryAudit(query, deps)),
  showRegistry: async (_, deps) => showRegistry(deps),
  replaceRegistry: async ({ body, ...changing }, deps) => putRegistry(body, changing, deps),
  listRegistryVersions: async (_, deps) => listRegistryVersions(deps),
  putSubscription: async (request, deps) => putSubscription(request, deps),
  removeSubscription: async (request, deps) => removeSubscription(request, deps),
};

const listedReplays = 500;

async function start(
  { body, caller }: Pick<ApiRequest<'startReplay'>, 'body' | 'caller'>,
  deps: ApiDeps,
  force: boolean,
): Promise<ApiOutcome> {
  const started = await startReplay(body, { actor: caller.actor, force }, deps);
  if (!started.ok) return started;
  return answer(started.value.kind === 'planned' ? started.value.plan : started.value.replay.job);
}

function answer(body: unknown, etag?: string): ApiOutcome {
  return { ok: true, value: { body, ...(etag !== undefined && { etag }) } };
}

function toAnswer(outcome: Outcome<unknown>): ApiOutcome {
  return outcome.ok ? answer(outcome.value) : outcome;
}

function toReplayAnswer(outcome: Outcome<StoredReplay>): ApiOutcome {
  return outcome.ok ? answer(outcome.value.job, outcome.value.etag) : outcome;
}

function toControlAnswer(outcome: Outcome<ControlState>): ApiOutcome {
  return outcome.ok ? answer({ pauses: outcome.value.pauses }, outcome.value.etag) : outcome;
}

import { z } from 'zod';
import { AuditRecord } from '../audit.js';
import { Identifier } from '../keys.js';
import { QuarantineId, QuarantineItem, QuarantineSummary } from '../quarantine-item.js';
import { ReplayJob, ReplayName } from '../replay-job.js';
import { Signal } from '../signal.js';
import { Trigger } from '../trigger.js';
import { Verdict } from '../verdict.js';
import { Explanation } from './explanation.js';
import {
  Controls,
  DeadLettersQuery,
  DeadLetterView,
  DiscardRequest,
  EventsAccepted,
  PauseRequest,
  QuarantineBatchRequest,
  QuarantineBatchResult,
  QuarantineResult,
  RedriveRequest,
  RedriveResult,
  ReplayPlan,
  ReplayRequest,
  ResubmitRequest,
  ResumeRequest,
} from './operations.js';
import { AuditQuery, QuarantineQuery, SignalsQuery, TriggersQuery, VerdictsQuery } from './queries.js';
import { registryRoutes } from './registry-routes.js';
import { listOf, type Route } from './route.js';
import { setRoutes } from './set-routes.js';
import { NormalizedEvent, Simulation, TriggerResolution } from './simulation.js';
import { TriggerState } from '../trigger-state.js';

/** A trigger with its state in the ledger. */
const TriggerEntry = z
  .looseObject({ trigger: Trigger, state: TriggerState, pendingSince: z.string(), etag: z.string() })
  .meta({ id: 'TriggerEntry' });

const quarantineId = z.object({ id: QuarantineId });
const replayName = z.object({ name: ReplayName });

/** Any readiness event, or up to 100; each plain or as a structured CloudEvent. */
const EventsBody = z
  .union([z.record(z.string(), z.unknown()), z.array(z.record(z.string(), z.unknown())).min(1).max(100)])
  .meta({ id: 'EventsBody' });

/** A started replay, or the plan of a dry run. */
const ReplayAnswer = z.union([ReplayJob, ReplayPlan]).meta({ id: 'ReplayAnswer' });

/** Every operation with the role it needs: registration, authorisation, OpenAPI and tests are made from this table. */
export const routes = {
  listSignals: {
    method: 'GET',
    path: 'signals',
    role: 'reader',
    summary: 'List stored signals, newest first',
    query: SignalsQuery,
    status: 200,
    response: listOf(Signal),
  },
  listTriggers: {
    method: 'GET',
    path: 'triggers',
    role: 'reader',
    summary: 'List triggers of a consumer, newest first, or those that wait',
    query: TriggersQuery,
    status: 200,
    response: listOf(TriggerEntry),
  },
  resolveTriggers: {
    method: 'POST',
    path: 'triggers',
    role: 'reader',
    summary: 'Say who is subscribed to a fact and whether each may run now; no effect',
    body: NormalizedEvent,
    status: 200,
    response: TriggerResolution,
  },
  listVerdicts: {
    method: 'GET',
    path: 'verdicts',
    role: 'reader',
    summary: 'List the verdicts of a subscription, newest first',
    query: VerdictsQuery,
    status: 200,
    response: listOf(Verdict),
  },
  ...setRoutes,
  explain: {
    method: 'GET',
    path: 'explain/{*id}',
    role: 'reader',
    summary: 'Say why an event did or did not fire, and what became of it',
    params: z.object({ id: Identifier }),
    query: z.object({ subscription: z.string().max(128).optional() }),
    status: 200,
    response: Explanation,
  },
  simulate: {
    method: 'POST',
    path: 'simulate',
    role: 'reader',
    summary: 'Say where an event would end and what every subscription would say; no effect',
    body: z.record(z.string(), z.unknown()).meta({ id: 'AnyEvent' }),
    status: 200,
    response: Simulation,
  },
  publishEvents: {
    method: 'POST',
    path: 'events',
    role: 'producer',
    summary: 'Publish readiness events to the hub',
    body: EventsBody,
    status: 202,
    response: EventsAccepted,
  },
  listQuarantine: {
    method: 'GET',
    path: 'quarantine',
    role: 'reader',
    summary: 'List quarantined events, newest first',
    query: QuarantineQuery,
    status: 200,
    response: listOf(QuarantineSummary),
  },
  showQuarantined: {
    method: 'GET',
    path: 'quarantine/{id}',
    role: 'reader',
    summary: 'Show a quarantined event with its bytes and problems',
    params: quarantineId,
    status: 200,
    response: QuarantineItem,
    etag: true,
  },
  resubmitQuarantined: {
    method: 'POST',
    path: 'quarantine/{id}/resubmit',
    role: 'operator',
    summary: 'Publish a quarantined event again, as it was or corrected',
    params: quarantineId,
    body: ResubmitRequest,
    status: 202,
    response: QuarantineResult,
    etag: true,
  },
  discardQuarantined: {
    method: 'POST',
    path: 'quarantine/{id}/discard',
    role: 'operator',
    summary: 'Give a quarantined event up; its bytes stay',
    params: quarantineId,
    body: DiscardRequest,
    status: 200,
    response: QuarantineResult,
    etag: true,
  },
  settleQuarantine: {
    method: 'POST',
    path: 'quarantine',
    role: 'operator',
    summary: 'Resubmit or discard quarantined events by filter',
    body: QuarantineBatchRequest,
    status: 200,
    response: QuarantineBatchResult,
  },
  listReplays: {
    method: 'GET',
    path: 'replays',
    role: 'reader',
    summary: 'List replays by name',
    status: 200,
    response: listOf(ReplayJob),
  },
  startReplay: {
    method: 'POST',
    path: 'replays',
    role: 'operator',
    summary: 'Decide stored signals again; what fired before does not fire twice',
    body: ReplayRequest,
    status: 202,
    response: ReplayAnswer,
  },
  forceReplay: {
    method: 'POST',
    path: 'replays/forced',
    role: 'admin',
    summary: 'Fire again under new trigger ids',
    body: ReplayRequest,
    status: 202,
    response: ReplayAnswer,
  },
  showReplay: {
    method: 'GET',
    path: 'replays/{name}',
    role: 'reader',
    summary: 'Show how far a replay got',
    params: replayName,
    status: 200,
    response: ReplayJob,
    etag: true,
  },
  cancelReplay: {
    method: 'POST',
    path: 'replays/{name}/cancel',
    role: 'operator',
    summary: 'Stop a replay where it is',
    params: replayName,
    status: 200,
    response: ReplayJob,
    etag: true,
  },
  resumeReplay: {
    method: 'POST',
    path: 'replays/{name}/resume',
    role: 'operator',
    summary: 'Let a cancelled or failed replay go on where it stopped',
    params: replayName,
    status: 200,
    response: ReplayJob,
    etag: true,
  },
  showControls: {
    method: 'GET',
    path: 'controls',
    role: 'reader',
    summary: 'Show what is paused',
    status: 200,
    response: Controls,
    etag: true,
  },
  pause: {
    method: 'POST',
    path: 'controls/pause',
    role: 'operator',
    summary: 'Hold the triggers of a port, subscription, stage or of everything',
    body: PauseRequest,
    status: 200,
    response: Controls,
    etag: true,
  },
  resume: {
    method: 'POST',
    path: 'controls/resume',
    role: 'operator',
    summary: 'Let held triggers go again',
    body: ResumeRequest,
    status: 200,
    response: Controls,
    etag: true,
  },
  listDeadLetters: {
    method: 'GET',
    path: 'dead-letters',
    role: 'reader',
    summary: 'List messages that the broker gave up on',
    query: DeadLettersQuery,
    status: 200,
    response: listOf(DeadLetterView),
  },
  redrive: {
    method: 'POST',
    path: 'dead-letters/redrive',
    role: 'operator',
    summary: 'Send dead letters again under the same ids',
    body: RedriveRequest,
    status: 200,
    response: RedriveResult,
  },
  listAudit: {
    method: 'GET',
    path: 'audit',
    role: 'admin',
    summary: 'List who did what, newest first',
    query: AuditQuery,
    status: 200,
    response: listOf(AuditRecord),
  },
  ...registryRoutes,
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof routes;

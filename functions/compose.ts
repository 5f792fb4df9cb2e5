import { parseSettings, type Settings } from '../shared/config/settings.js';
import type { DriverDeps } from '../shared/pipeline/batch-driver.js';
import type { AdvanceDeps } from '../shared/pipeline/operators/advance-replay.js';
import { toPauseSource } from '../shared/pipeline/operators/control-source.js';
import { toOperatorDeps } from '../shared/pipeline/operators/operator-deps.js';
import { createSubscriptionEditor } from '../shared/pipeline/registry/edit-subscriptions.js';
import type { RegistrySource } from '../shared/pipeline/registry-source.js';
import type { StageReport } from '../shared/pipeline/stage-report.js';
import { createDirectMemory, type Stages, toDirectStages, toQueuedStages } from '../shared/pipeline/stages.js';
import type { SweepDeps } from '../shared/pipeline/sweep.js';
import type { Clock } from '../shared/ports/clock.js';
import type { AuthMode } from './api/caller.js';
import type { ApiDeps } from './api/handlers.js';
import { RateLimit } from './api/rate-limit.js';

/** Everything the functions need, made once per process. */
export interface Composition {
  readonly settings: Settings;
  readonly registry: RegistrySource;
  readonly driverDeps: DriverDeps;
  /** The stages for one invocation, which `report` hears of. */
  readonly stagesFor: (report: StageReport) => Stages;
  readonly sweepDeps: SweepDeps;
}

/** What the operators' functions need beside it. */
export interface OperatorComposition extends Composition {
  readonly replayDeps: AdvanceDeps;
  readonly apiDeps: ApiDeps;
  readonly rateLimit: RateLimit;
}

/** Gives the composition; the first call makes it. @throws SettingsError naming every setting that needs attention */
export type Compose = () => Promise<Composition>;
export type ComposeOperators = () => Promise<OperatorComposition>;

const systemClock: Clock = { nowMs: () => Date.now() };
/** Unsent triggers one sweep hands on per stage; what is left waits for the next. */
const sweepLimit = 1_000;

let composition: Promise<OperatorComposition> | undefined;

/** The only reader of the environment, and the only place where real clients are made. */
export const compose: ComposeOperators = () => (composition ??= create().catch(forget));

/** A failure is told to every call that waited for it, and tried again by the next. */
function forget(error: unknown): never {
  composition = undefined;
  throw error;
}

/**
 * How callers of the API prove who they are. The platform says by this variable that it signs callers in and owns the
 * header that names them; without it that header is anybody's. Read at registration, when no settings are needed yet.
 */
export function readAuthMode(): AuthMode {
  return process.env['WEBSITE_AUTH_ENABLED']?.toLowerCase() === 'true' ? 'platform-sign-in' : 'platform-keys';
}

async function create(): Promise<OperatorComposition> {
  const settings = parseSettings(process.env);
  // The Azure SDKs take longer to load than all the rest; functions are registered without them.
  const { openAdapters, openConsumerChannels } = await import('../shared/adapters/open-adapters.js');
  const adapters = openAdapters(settings);
  const { signals, ledger, portStates, quarantine, queues, topic } = adapters;
  const clock = systemClock;
  const { stages, registryRefreshMs: refreshMs } = settings;
  const operatorDeps = toOperatorDeps(adapters, { stages, clock, refreshMs });
  const { registry } = operatorDeps;
  const pauses = toPauseSource(operatorDeps.controls);
  const held = { portStates, pauses, clock };
  const stageDeps = {
    ...held,
    signals,
    ledger,
    quarantine,
    queues,
    topic,
    registry,
    stages,
    leaseMs: settings.dispatchLeaseMs,
  };
  const memory = createDirectMemory(clock);
  const { publisher, deadLetters } = adapters;
  const applyDeps = { ...operatorDeps, channels: openConsumerChannels(settings) };
  const subscriptionEditor = createSubscriptionEditor(applyDeps);
  const apiDeps = { ...applyDeps, subscriptionEditor, queues, publisher, deadLetters };
  const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  return {
    settings,
    registry,
    driverDeps: { queues, quarantine, clock },
    stagesFor: (report) =>
      settings.handOn === 'direct' ? toDirectStages(stageDeps, memory, report) : toQueuedStages(stageDeps),
    sweepDeps: { ...held, ledger, queues, registry, stages, afterMs: settings.sweepAfterMs, limitPerStage: sweepLimit },
    replayDeps: { ...apiDeps, wait },
    apiDeps,
    rateLimit: new RateLimit(settings.apiRequestsPerMinute),
  };
}

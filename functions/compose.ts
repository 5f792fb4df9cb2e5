import { parseSettings, type Settings } from '../shared/config/settings.js';
import type { DriverDeps } from '../shared/pipeline/batch-driver.js';
import type { DispatchDeps } from '../shared/pipeline/dispatch.js';
import type { EvaluateDeps } from '../shared/pipeline/evaluate.js';
import type { IngestDeps } from '../shared/pipeline/ingest.js';
import type { NormalizeDeps } from '../shared/pipeline/normalize.js';
import { noPauses } from '../shared/pipeline/pause-source.js';
import { createRegistrySource, type RegistrySource } from '../shared/pipeline/registry-source.js';
import type { SweepDeps } from '../shared/pipeline/sweep.js';
import type { Clock } from '../shared/ports/clock.js';

/** Everything the functions need, made once per process. */
export interface Composition {
  readonly settings: Settings;
  readonly registry: RegistrySource;
  readonly driverDeps: DriverDeps;
  readonly ingestDeps: IngestDeps;
  readonly normalizeDeps: NormalizeDeps;
  readonly evaluateDeps: EvaluateDeps;
  readonly dispatchDeps: DispatchDeps;
  readonly sweepDeps: SweepDeps;
}

/** Gives the composition; the first call makes it. @throws SettingsError naming every setting that needs attention */
export type Compose = () => Promise<Composition>;

const systemClock: Clock = { nowMs: () => Date.now() };
/** Unsent triggers one sweep hands on per stage; what is left waits for the next. */
const sweepLimit = 1_000;

let composition: Promise<Composition> | undefined;

/** The only reader of the environment, and the only place where real clients are made. */
export const compose: Compose = () => (composition ??= create().catch(forget));

/** A failure is told to every call that waited for it, and tried again by the next. */
function forget(error: unknown): never {
  composition = undefined;
  throw error;
}

async function create(): Promise<Composition> {
  const settings = parseSettings(process.env);
  // The Azure SDKs take longer to load than all the rest; functions are registered without them.
  const { openAdapters } = await import('../shared/adapters/open-adapters.js');
  const { signals, ledger, portStates, quarantine, registryStore, queues, topic } = openAdapters(settings);
  const clock = systemClock;
  const { stages } = settings;
  const pauses = noPauses;
  const held = { portStates, pauses, clock };
  const registry = createRegistrySource(registryStore, clock, settings.registryRefreshMs);
  return {
    settings,
    registry,
    driverDeps: { queues, quarantine, clock },
    ingestDeps: { quarantine, queues, clock },
    normalizeDeps: { signals, ledger, quarantine, queues, registry, stages, clock },
    evaluateDeps: { ledger, portStates, pauses, queues, registry, clock },
    dispatchDeps: { ledger, topic, quarantine, pauses, clock, leaseMs: settings.dispatchLeaseMs },
    sweepDeps: { ...held, ledger, queues, registry, stages, afterMs: settings.sweepAfterMs, limitPerStage: sweepLimit },
  };
}

import type { AuditLog } from '../../ports/audit-log.js';
import type { Clock } from '../../ports/clock.js';
import type { ControlStore } from '../../ports/control-store.js';
import type { Ledger } from '../../ports/ledger.js';
import type { LedgerQueries } from '../../ports/ledger-queries.js';
import type { PortStates } from '../../ports/port-states.js';
import type { QuarantineDesk } from '../../ports/quarantine-desk.js';
import type { RegistryStore } from '../../ports/registry-store.js';
import type { ReplayStore } from '../../ports/replay-store.js';
import type { SignalQueries } from '../../ports/signal-queries.js';
import type { SignalStore } from '../../ports/signal-store.js';
import { createRegistrySource, type RegistrySource } from '../registry-source.js';
import { type ControlSource, createControlSource } from './control-source.js';

/** The stores behind the operators' use cases. */
export interface OperatorPorts {
  readonly signals: SignalStore;
  readonly signalQueries: SignalQueries;
  readonly ledger: Ledger;
  readonly ledgerQueries: LedgerQueries;
  readonly portStates: PortStates;
  readonly quarantineDesk: QuarantineDesk;
  readonly registryStore: RegistryStore;
  readonly controlStore: ControlStore;
  readonly auditLog: AuditLog;
  readonly replayStore: ReplayStore;
}

/** What every use case of the operators can be given: over HTTP and on the command line the same. */
export interface OperatorDeps extends OperatorPorts {
  readonly registry: RegistrySource;
  readonly controls: ControlSource;
  readonly stages: readonly string[];
  readonly clock: Clock;
}

/** Put the use cases' dependencies together. */
export function toOperatorDeps(
  ports: OperatorPorts,
  { stages, clock, refreshMs }: { stages: readonly string[]; clock: Clock; refreshMs: number },
): OperatorDeps {
  return {
    ...ports,
    registry: createRegistrySource(ports.registryStore, clock, refreshMs),
    controls: createControlSource(ports.controlStore, clock, refreshMs),
    stages,
    clock,
  };
}

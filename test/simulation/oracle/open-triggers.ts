import type { Trigger } from '../../../shared/contracts/trigger.js';
import type { LedgerEntry } from '../../../shared/ports/ledger.js';
import type { Faults } from '../model/faults.js';
import type { Stores } from '../stores.js';
import type { History } from './history.js';

/** What is under way: triggers that the ledger holds as not sent, and those that stand behind another. */
export class OpenTriggers {
  private readonly unsent = new Map<string, { readonly trigger: Trigger; readonly held: boolean }>();
  private readonly absorbed = new Map<string, Trigger>();

  constructor(
    private readonly history: History,
    private readonly stores: Pick<Stores, 'ledger'>,
    private readonly faults: Faults,
  ) {}

  has(triggerId: string): boolean {
    return this.unsent.has(triggerId);
  }

  ids(): string[] {
    return [...this.unsent.keys()];
  }

  /** It was recorded, or released. */
  expect({ trigger, state }: LedgerEntry): void {
    if (state === 'pending' || state === 'dispatching' || state === 'held')
      this.unsent.set(trigger.triggerId, { trigger, held: state === 'held' });
  }

  async held(triggerId: string): Promise<void> {
    this.faults.count('held-in-dispatch');
    const entry = await this.stores.ledger.get(triggerId);
    if (entry) this.expect(entry);
  }

  over(triggerId: string): void {
    this.unsent.delete(triggerId);
  }

  /** After a plan or a retraction: what the subscription's triggers have become. */
  async look(subscription: string): Promise<void> {
    for (const [triggerId, { trigger, held }] of this.unsent) {
      if (!held || trigger.subscription !== subscription) continue;
      if ((await this.stores.ledger.get(triggerId))?.state !== 'absorbed') continue;
      this.unsent.delete(triggerId);
      this.absorbed.set(triggerId, trigger);
      this.faults.count('absorbed');
    }
    for (const [triggerId, trigger] of this.absorbed) {
      if (trigger.subscription !== subscription) continue;
      const entry = await this.stores.ledger.get(triggerId);
      if (entry?.state !== 'held') continue;
      this.absorbed.delete(triggerId);
      this.expect(entry);
      this.faults.count('let-go-again');
    }
  }

  /** Held for good: its subscription is gone, or its schema contradicts a contract. */
  waitsForPeople(triggerId: string): boolean {
    const open = this.unsent.get(triggerId);
    return open?.held === true && waitsForPeople(open.trigger, this.history);
  }
}

/** Whether only people can let a held trigger go: nobody subscribes any more, or a contract says another schema. */
export function waitsForPeople({ subscription, inputs }: Trigger, history: History): boolean {
  if (!history.isSubscribed(subscription)) return true;
  const ports = history.registries.at(-1)?.document.ports ?? [];
  return inputs.some(({ outputPort, snapshot }) => {
    const contracts = ports.find(({ key }) => key === outputPort.key)?.contracts ?? [];
    const declared = contracts.find(({ version }) => version === outputPort.version);
    return declared !== undefined && declared.schemaHash !== snapshot.schemaHash;
  });
}

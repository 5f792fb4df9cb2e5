import type { TransactionAction } from '@azure/data-tables';
import type { Trigger } from '../../contracts/trigger.js';
import type { Decision } from '../../domain/decision.js';
import { toFirstState } from '../../ports/ledger.js';
import { toOldestFirst } from './keys.js';
import { toTriggerRowKey, unsentPrefix } from './ledger-rows.js';
import type { Row } from './requests.js';

/** A decision with what it writes, to be part of a transaction. */
interface Recorded {
  readonly decision: Decision;
  readonly partitionKey: string;
  readonly actions: readonly TransactionAction[];
}

/**
 * Everything one transaction writes. The triggers in it that were recorded under a lease are sent together a moment
 * later, so one row of the index of unsent triggers, a page, lists them all, and each names the page.
 */
export function toPagedActions(units: readonly Recorded[]): { actions: TransactionAction[]; page: string | undefined } {
  const actions = units.flatMap((unit) => unit.actions);
  const leased = units.flatMap(({ decision }) => (isPaged(decision) ? [decision.trigger] : []));
  const [first] = leased;
  if (first === undefined) return { actions, page: undefined };
  const page = toPageKey(first, leased.length);
  const ids = leased.map(({ triggerId }) => triggerId);
  const triggerRows = new Set(ids.map(toTriggerRowKey));
  const naming = actions.map((action): TransactionAction => {
    if (action[0] !== 'create' || !triggerRows.has(action[1].rowKey)) return action;
    return ['create', { ...action[1], UnsentPage: page }];
  });
  const row = { partitionKey: units[0]?.partitionKey ?? '', rowKey: page, TriggerIds: ids.join(' ') };
  return { actions: [...naming, ['create', row]], page };
}

/** Whether a page lists the decision's trigger while it is unsent, instead of a row of its own. */
export function isPaged(decision: Decision): decision is Decision & { readonly trigger: Trigger } {
  return decision.trigger !== undefined && toFirstState(decision).state === 'dispatching';
}

/** Its length is part of a page's key, so that who has sent all of it knows so unread. */
function toPageKey({ decidedAt, triggerId }: Trigger, length: number): string {
  return `${unsentPrefix}${toOldestFirst(Date.parse(decidedAt))}!page-${length}-${triggerId}`;
}

export function toPageLength(page: string): number {
  return Number(/!page-(\d+)-/.exec(page)?.[1] ?? Number.POSITIVE_INFINITY);
}

/** The ids of the triggers that a row of the index lists; one, or those of a page. */
export function toListedIds(row: Row): string[] {
  const { TriggerId: one, TriggerIds: several } = row;
  return typeof several === 'string' ? several.split(' ') : [String(one)];
}

import type { SubscriptionEntry, SubscriptionInput } from '../../contracts/subscription.js';
import type { EntryPath } from './registry-problem.js';

/** One input of a subscription under its name; a subscription on one port has one, named `input`. */
export interface NamedInput {
  readonly name: string;
  readonly input: SubscriptionInput;
}

/** The inputs of a subscription, whichever way they are written; in order of name. */
export function toNamedInputs(entry: SubscriptionEntry): NamedInput[] {
  if (entry.inputs === undefined) return [{ name: 'input', input: toSingleInput(entry) }];
  return Object.entries(entry.inputs)
    .map(([name, input]) => ({ name, input }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Where an input stands in its entry: in front of its members' names. */
export function toInputPath(entry: SubscriptionEntry, name: string): EntryPath {
  return entry.inputs === undefined ? [] : ['inputs', name];
}

/** What each input asks for; every reader of a subscription's ports goes through here. */
export function toInputs(entry: SubscriptionEntry): SubscriptionInput[] {
  return toNamedInputs(entry).map(({ input }) => input);
}

function toSingleInput(entry: SubscriptionEntry): SubscriptionInput {
  const { port, versions, minimumQuality, schemaHashes, freshness, producers } = entry;
  // The schema refuses a subscription that has neither inputs nor both of these.
  if (port === undefined || versions === undefined) throw new Error(`${entry.key} names no port`);
  return {
    port,
    versions,
    minimumQuality: minimumQuality ?? { status: 'passed' },
    optional: false,
    ...(schemaHashes !== undefined && { schemaHashes }),
    ...(freshness !== undefined && { freshness }),
    ...(producers !== undefined && { producers }),
  };
}

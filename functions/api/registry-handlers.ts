import type { RegistryChanged, RegistryChangeQuery } from '../../shared/contracts/api/registry.js';
import type { RegistryProblem } from '../../shared/domain/registry/registry-problem.js';
import type { applyRegistry } from '../../shared/pipeline/apply-registry.js';
import type { EditOutcome, SubscriptionEditor } from '../../shared/pipeline/registry/edit-subscriptions.js';
import type { ApplyDeps, ChangeRequest } from '../../shared/pipeline/registry/publish-registry.js';
import { replaceRegistry } from '../../shared/pipeline/registry/replace-registry.js';
import type { RegistryPointer } from '../../shared/ports/registry-store.js';
import type { ApiOutcome, ApiProblem, ApiRequest } from './handlers.js';

/** What changing the registry needs. */
export interface RegistryApiDeps extends ApplyDeps {
  readonly subscriptionEditor: SubscriptionEditor;
}

type ApplyOutcome = Awaited<ReturnType<typeof applyRegistry>>;
type Changing = Pick<ApiRequest<'putSubscription'>, 'caller' | 'ifMatch'> & { readonly query: RegistryChangeQuery };

const versionsListed = 200;

export async function showRegistry(deps: RegistryApiDeps): Promise<ApiOutcome> {
  const pointer = await deps.registryStore.pointer();
  if (pointer === undefined) return fail({ code: 'no-registry', detail: 'nothing was applied yet', next: applyFirst });
  const { version, appliedAt, appliedBy } = pointer;
  const document = await deps.registryStore.load(version);
  return succeed({ version, appliedAt, appliedBy, document }, version);
}

export async function listRegistryVersions(deps: RegistryApiDeps): Promise<ApiOutcome> {
  return succeed({ items: await deps.registryStore.versions({ limit: versionsListed }) });
}

/** The first registry may come without `If-Match`; every later one says which version it was made from. */
export async function putRegistry(body: unknown, changing: Changing, deps: RegistryApiDeps): Promise<ApiOutcome> {
  const pointer = await deps.registryStore.pointer();
  if (pointer !== undefined && changing.ifMatch === undefined) return toMissingMatch(pointer);
  return fromApply(await replaceRegistry(body, toRequest(changing), deps));
}

export async function putSubscription(
  { params, body, ...changing }: Changing & Pick<ApiRequest<'putSubscription'>, 'params' | 'body'>,
  deps: RegistryApiDeps,
): Promise<ApiOutcome> {
  return fromEdit(await deps.subscriptionEditor.put(params.key, body, toRequest(changing)));
}

export async function removeSubscription(
  { params, ...changing }: Changing & Pick<ApiRequest<'removeSubscription'>, 'params'>,
  deps: RegistryApiDeps,
): Promise<ApiOutcome> {
  return fromEdit(await deps.subscriptionEditor.remove(params.key, toRequest(changing)));
}

const applyFirst = 'put a registry in force with "outport registry apply <dir>" or PUT /api/registry';

function toRequest({ caller, ifMatch, query }: Changing): ChangeRequest {
  const { reason, mayLoseMessages } = query;
  return {
    actor: caller.actor,
    ...(reason !== undefined && { reason }),
    ...(ifMatch !== undefined && { expected: fromEtag(ifMatch) }),
    ...(mayLoseMessages !== undefined && { mayLoseMessages }),
  };
}

function fromEtag(etag: string): string {
  return etag.replace(/^(?:W\/)?"(.*)"$/, '$1');
}

function fromApply(outcome: ApplyOutcome): ApiOutcome {
  switch (outcome.kind) {
    case 'applied':
      return toChanged({ ...outcome, outcome: 'applied', problems: [] });
    case 'already-in-force':
      return toChanged({ ...outcome, outcome: 'unchanged', problems: [] });
    case 'overtaken':
      return toOvertaken(outcome.by);
    case 'refused':
      return toRefused(outcome.problems);
    case 'confirmation-needed': {
      const held = outcome.channels.map(({ consumer, waiting }) => `${consumer} (${waiting})`).join(', ');
      const detail = `channels that would go still hold messages: ${held}`;
      return fail({ code: 'conflict', detail, next: 'let them be taken, or repeat with mayLoseMessages=true' });
    }
    default:
      return outcome satisfies never;
  }
}

function fromEdit(outcome: EditOutcome): ApiOutcome {
  switch (outcome.kind) {
    case 'created':
    case 'replaced':
    case 'removed':
      return toChanged({ ...outcome, outcome: outcome.kind });
    case 'unchanged':
      return toChanged({ ...outcome, outcome: 'unchanged', channels: { created: [], removed: [] }, problems: [] });
    case 'absent':
      return fail({ code: 'not-found', detail: 'there is no such subscription', next: 'look at GET /api/registry' });
    case 'no-registry':
      return fail({ code: 'no-registry', detail: 'nothing was applied yet', next: applyFirst });
    case 'overtaken':
      return toOvertaken(outcome.by);
    case 'refused':
      return toRefused(outcome.problems);
    default:
      return outcome satisfies never;
  }
}

function toChanged(change: {
  version: string;
  outcome: RegistryChanged['outcome'];
  channels: { created: readonly string[]; removed: readonly string[] };
  problems: readonly RegistryProblem[];
}): ApiOutcome {
  const { version, outcome, channels, problems } = change;
  const body: RegistryChanged = {
    version,
    outcome,
    channels: { created: [...channels.created], removed: [...channels.removed] },
    warnings: problems.map(({ code, path, message }) => ({ code, path, message })),
  };
  return succeed(body, version);
}

function toMissingMatch({ version }: RegistryPointer): ApiOutcome {
  const detail = `If-Match is missing; version ${version} is in force`;
  return fail({ code: 'changed', detail, next: 'send the ETag of the version you changed in If-Match' });
}

function toOvertaken(by: RegistryPointer | undefined): ApiOutcome {
  const detail = by ? `${by.version} by ${by.appliedBy} is in force` : 'another version is in force';
  return fail({ code: 'changed', detail, next: 'read the registry, bring your change up to date, send it again' });
}

function toRefused(found: readonly RegistryProblem[]): ApiOutcome {
  const problems = found.slice(0, problemsTold).map(({ file, key, path, message, fix }) => ({
    path: [file, key, path].filter((part) => part !== undefined).join(' '),
    message: `${message}; ${fix}`,
  }));
  const detail = `the registry would have ${found.length} problems; nothing was changed`;
  return fail({ code: 'invalid-request', detail, next: 'mend them and send it again', problems });
}

const problemsTold = 100;

function succeed(body: unknown, version?: string): ApiOutcome {
  return { ok: true, value: { body, ...(version !== undefined && { etag: `"${version}"` }) } };
}

function fail(problem: ApiProblem): ApiOutcome {
  return { ok: false, problem };
}

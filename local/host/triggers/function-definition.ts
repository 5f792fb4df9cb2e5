import { isDisabled, resolveSettings } from '../settings/app-settings.js';
import type { Environment } from '../settings/host-json.js';
import type { RegisteredFunction } from '../worker/core-api.js';
import type { RpcBinding } from '../worker/rpc.js';
import type { DataType } from '../worker/rpc-encode.js';

export type TriggerType = 'eventHubTrigger' | 'serviceBusTrigger' | 'httpTrigger' | 'timerTrigger';

/** A registered function with its trigger, settings resolved. */
export interface FunctionDefinition {
  readonly name: string;
  readonly type: TriggerType;
  readonly triggerName: string;
  readonly trigger: RpcBinding;
  readonly target: RegisteredFunction;
  readonly disabled: boolean;
}

/** As on the platform, a function that cannot be indexed is in error while the others run. */
export type Definition =
  | { readonly kind: 'ok'; readonly definition: FunctionDefinition }
  | { readonly kind: 'in-error'; readonly name: string; readonly problem: string };

const TYPES: ReadonlyMap<string, TriggerType> = new Map(
  (['eventHubTrigger', 'serviceBusTrigger', 'httpTrigger', 'timerTrigger'] as const).map((type) => [
    type.toLowerCase(),
    type,
  ]),
);

const RESOLVED = ['eventHubName', 'consumerGroup', 'queueName', 'topicName', 'subscriptionName', 'schedule'];

/** Find the trigger of a registered function and resolve its `%SETTING%` texts. */
export function toDefinition(target: RegisteredFunction, settings: Environment): Definition {
  const { name, bindings } = target.metadata;
  try {
    const entry = Object.entries(bindings).find(([, binding]) => binding.type.toLowerCase().endsWith('trigger'));
    if (!entry) throw new Error('it has no trigger');
    const [triggerName, binding] = entry;
    const type = TYPES.get(binding.type.toLowerCase());
    if (!type) throw new Error(`triggers of type "${binding.type}" are not supported here`);
    refuseUnsupported(target, triggerName);
    const trigger = resolveTexts(binding, settings);
    return {
      kind: 'ok',
      definition: { name, type, triggerName, trigger, target, disabled: isDisabled(name, settings) },
    };
  } catch (error) {
    return { kind: 'in-error', name, problem: error instanceof Error ? error.message : String(error) };
  }
}

function refuseUnsupported(target: RegisteredFunction, triggerName: string): void {
  for (const [name, binding] of Object.entries(target.metadata.bindings)) {
    if (name === triggerName && binding['sdkBinding'] === true) throw new Error('sdkBinding is not supported here');
    if (name === triggerName || binding.type.toLowerCase() === 'http') continue;
    throw new Error(`the binding "${name}" of type "${binding.type}" is not supported here; use the SDK client`);
  }
}

function resolveTexts(binding: RpcBinding, settings: Environment): RpcBinding {
  const resolved: Record<string, unknown> = {};
  for (const property of RESOLVED) {
    const value = binding[property];
    if (typeof value === 'string') resolved[property] = resolveSettings(value, settings);
  }
  return { ...binding, ...resolved };
}

/** A text property of the trigger. @throws Error when it is missing */
export function requireText(definition: FunctionDefinition, property: string): string {
  const value = definition.trigger[property];
  if (typeof value === 'string' && value !== '') return value;
  throw new Error(`function "${definition.name}": its trigger lacks "${property}"`);
}

/** An optional text property of the trigger. */
export function readText(definition: FunctionDefinition, property: string): string | undefined {
  const value = definition.trigger[property];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** `one` unless the trigger says otherwise: the platform's default. */
export function cardinalityOf(definition: FunctionDefinition): 'one' | 'many' {
  return readText(definition, 'cardinality')?.toLowerCase() === 'many' ? 'many' : 'one';
}

/** `string` unless the trigger says otherwise. */
export function dataTypeOf(definition: FunctionDefinition): DataType {
  return readText(definition, 'dataType')?.toLowerCase() === 'binary' ? 'binary' : 'string';
}

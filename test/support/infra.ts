import { type Deployed, expand } from './bicep/deployment.js';
import type { Value } from './bicep/evaluate.js';

/** What `azd up` would deploy with these parameters, the required ones filled in. */
export function deployment(params: Readonly<Record<string, Value>> = {}): ReturnType<typeof expand> {
  const required = { environmentName: 'outport-prod', location: 'westeurope', stage: 'prod' };
  return expand('infra/main.bicep', { ...required, ...params });
}

export function ofType(resources: readonly Deployed[], type: string): Deployed[] {
  return resources.filter((resource) => resource.type === type);
}

/** The app settings of the deployed functions, by name. */
export function appSettings(resources: readonly Deployed[]): ReadonlyMap<string, Value> {
  const [app] = ofType(resources, 'Microsoft.Web/sites');
  // The template writes them as a list of pairs; a test that reads something else fails on the spot.
  const { appSettings: pairs } = app?.properties['siteConfig'] as { appSettings: { name: string; value: Value }[] };
  return new Map(pairs.map(({ name, value }) => [name, value]));
}

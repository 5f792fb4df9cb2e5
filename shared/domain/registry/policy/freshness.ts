import { Range, validRange } from 'semver';
import type { z } from 'zod';
import type { FreshnessPolicy } from '../../../contracts/registry/policy.js';
import { toKeyMatcher } from '../key-pattern.js';
import { listWishes, type PolicyContext, type PolicyFinding, type Wish } from './policy-context.js';

/**
 * Subscriptions that ask for fresher snapshots than some contract version in their range promises. Versions that
 * promise nothing are left alone.
 */
export function checkFreshness(policy: z.infer<typeof FreshnessPolicy>, context: PolicyContext): PolicyFinding[] {
  const concerns = toKeyMatcher(policy.ports);
  return listWishes(policy, context).flatMap((wish): PolicyFinding[] => {
    const asked = wish.input.freshness?.maxAgeMinutes;
    const promised = concerns(wish.input.port) ? findWeakest(wish, context) : undefined;
    if (asked === undefined || promised === undefined || asked >= promised.minutes) return [];
    const { minutes, version } = promised;
    const message = `asks for snapshots at most ${asked} minutes old; version ${version} of ${wish.input.port} promises ${minutes}`;
    const path = [...wish.place, 'freshness', 'maxAgeMinutes'];
    return [{ entry: wish.subscription, path, message, fix: `allow ${minutes} minutes or more` }];
  });
}

/** The slowest promise among the versions a subscription accepts. */
function findWeakest({ input }: Wish, { ports }: PolicyContext): { minutes: number; version: string } | undefined {
  if (validRange(input.versions) === null) return undefined;
  const range = new Range(input.versions);
  const promises = (ports.get(input.port)?.contracts ?? []).flatMap(({ version, sla }) =>
    sla?.freshnessMinutes !== undefined && range.test(version) ? [{ minutes: sla.freshnessMinutes, version }] : [],
  );
  return promises.sort((a, b) => b.minutes - a.minutes)[0];
}

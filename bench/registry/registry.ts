import { type Section, toSpread } from '../report/finding.js';
import { benchRegistryEdges } from '../registry-edges.js';
import { benchHostileRegistry } from './hostile.js';

/** One subscription more in a large registry, and input made to keep the checks busy. */
export function benchRegistry({ rounds }: { rounds: number }): Promise<Section> {
  const edges = Array.from({ length: rounds }, benchRegistryEdges);
  const hostile = Array.from({ length: rounds }, benchHostileRegistry);
  return Promise.resolve({
    title: 'registry',
    about: 'adding a subscription to a registry of 100,000 edges with a cycle proof, against checking it all again',
    findings: [
      {
        what: 'a full check against one edge',
        unit: 'x',
        value: toSpread(edges.map(({ ratio }) => ratio)),
        budget: { atLeast: 1_000 },
      },
      { what: 'one edge more', unit: 'us', value: toSpread(edges.map(({ insertMs }) => insertMs * 1_000)) },
      { what: 'a full check', unit: 'ms', value: toSpread(edges.map(({ fullCheckMs }) => fullCheckMs)) },
      {
        what: 'refusing the slowest hostile entry',
        unit: 'ms',
        value: toSpread(hostile.map(({ worstMs }) => worstMs)),
        budget: { atMost: 10 },
      },
    ],
  });
}

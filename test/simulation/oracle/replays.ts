import type { SubscriptionEntry } from '../../../shared/contracts/registry.js';
import { forcedIdOf, isSelected } from './brute-force.js';
import type { Left } from './final.js';
import type { WatchedReplay } from './replay-watch.js';
import { isFiring, isRetraction, type Judged, listPorts } from './triggers.js';

/** Replays ended, looked at everything they select, fired what they ought to, and say so. */
export function checkReplays(judged: readonly Judged[], left: Left): void {
  for (const [name, replay] of left.world.observer.replays.replays) {
    const own = judged.filter(({ verdict }) => verdict.replay === name);
    checkState(name, replay, left);
    if (replay.job.state !== 'done') continue;
    checkLooked({ name, replay, own }, judged, left);
    if (replay.job.force) checkForced({ name, replay, own }, judged, left);
    checkSum({ name, replay, own }, judged, left);
  }
}

interface Own {
  readonly name: string;
  readonly replay: WatchedReplay;
  /** What the replay decided. */
  readonly own: readonly Judged[];
}

function checkState(name: string, { job }: WatchedReplay, { world, history }: Left): void {
  const plan = [...world.scenario.replays, world.scenario.aftermath?.replay].find((each) => each?.name === name);
  const mayStayCancelled = plan?.cancel !== undefined && plan.resumeAfterMs === undefined;
  if (job.state === 'done' || (job.state === 'cancelled' && mayStayCancelled)) return;
  history.report('P1', `replay ${name} ended ${job.state}: ${job.failure ?? 'nobody wanted that'}`);
}

/** Under one of the versions that were held while it ran, it has a verdict wherever the rules ask for one. */
function checkLooked({ name, replay, own }: Own, judged: readonly Judged[], { world, history }: Left): void {
  const { selection } = replay.job;
  const versions = history.registries.filter(({ version }) =>
    history.mayBeHeld(version, replay.startedAtMs, world.scenario),
  );
  const decided = new Set(own.map(({ signal, verdict }) => `${signal.signalId} ${verdict.subscription}`));
  const signals = new Map(judged.map(({ signal, fact }) => [signal.signalId, { signal, fact }]));
  for (const { signal, fact } of signals.values()) {
    if (!replay.signals.has(signal.signalId) || isRetraction(fact)) continue;
    const isDone = versions.some(({ document }) => {
      const byKey = (key: string): SubscriptionEntry | undefined =>
        document.subscriptions.find((entry) => entry.key === key);
      const only = selection.kind === 'subscription' ? selection.subscription : undefined;
      if (!isSelected(fact, selection, only === undefined ? undefined : byKey(only))) return true;
      const wanted = document.subscriptions.filter(
        (entry) => listPorts(entry).includes(fact.outputPort.key) && (only === undefined || entry.key === only),
      );
      const needed = replay.job.force ? wanted.filter((entry) => entry.inputs === undefined) : wanted;
      return needed.every(({ key }) => decided.has(`${signal.signalId} ${key}`));
    });
    if (!isDone) history.report('P1', `replay ${name} passed over ${fact.eventId}`);
  }
}

/** What fired before a forced replay fires again under the id that follows from the first, and nothing else does. */
function checkForced({ name, replay, own }: Own, judged: readonly Judged[], { history }: Left): void {
  const { selection } = replay.job;
  const live = judged.filter(({ verdict }) => verdict.replay === undefined && isFiring(verdict));
  const expected = new Map<string, string>();
  for (const { fact, verdict } of live) {
    if (fact.eventType === 'OutputPortSnapshotSealed' && verdict.triggerId !== undefined)
      expected.set(verdict.triggerId, forcedIdOf(verdict.triggerId, name));
  }
  const fired = new Set(own.flatMap(({ verdict }) => (isFiring(verdict) ? [verdict.triggerId ?? ''] : [])));
  const bySignal = new Map(live.map(({ signal, verdict }) => [`${signal.signalId} ${verdict.subscription}`, verdict]));
  for (const { signal, verdict } of own) {
    const liveId = bySignal.get(`${signal.signalId} ${verdict.subscription}`)?.triggerId;
    if (!isFiring(verdict) || liveId === undefined || verdict.set !== undefined) continue;
    if (verdict.triggerId !== expected.get(liveId))
      history.report('P2', `replay ${name} fired ${liveId} as ${verdict.triggerId}`);
  }
  const stable = history.registries.length === 1 && !judged.some(({ fact }) => isRetraction(fact));
  if (!stable) return;
  const subscriptions = history.registries[0]?.document.subscriptions ?? [];
  for (const { fact, verdict } of live) {
    const { triggerId = '', subscription } = verdict;
    const entry = subscriptions.find(({ key }) => key === subscription);
    if (!replay.triggers.has(triggerId) || !isSelected(fact, selection, entry)) continue;
    if (selection.kind === 'subscription' && selection.subscription !== subscription) continue;
    if (!fired.has(expected.get(triggerId) ?? ''))
      history.report('P1', `replay ${name} did not fire ${triggerId} again`);
  }
}

/** While the rules stay the same, the counts of a replay are those of its verdicts, or less where a runner was overtaken. */
function checkSum({ name, replay, own }: Own, judged: readonly Judged[], { history }: Left): void {
  if (history.registries.length > 1 || (replay.job.force && judged.some(({ fact }) => isRetraction(fact)))) return;
  const count = (...outcomes: readonly string[]): number =>
    own.filter(({ verdict }) => outcomes.includes(verdict.outcome)).length;
  const was = {
    fired: count('matched', 'held'),
    firedBefore: count('same-vector', 'absorbed'),
    notMatched: count('not-matched', 'waiting', 'shadow', 'error'),
  };
  const { fired, firedBefore, notMatched } = replay.job.counts;
  const said = { fired, firedBefore, notMatched };
  const isRight = (['fired', 'firedBefore', 'notMatched'] as const).every((each) =>
    replay.overtaken ? said[each] <= was[each] : said[each] === was[each],
  );
  if (!isRight) {
    history.report('P5', `replay ${name} says ${JSON.stringify(said)}, its verdicts are ${JSON.stringify(was)}`);
  }
}

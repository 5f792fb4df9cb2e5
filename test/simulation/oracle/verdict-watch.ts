import type { Trigger } from '../../../shared/contracts/trigger.js';
import type { Verdict } from '../../../shared/contracts/verdict.js';
import type { Call } from '../model/network.js';
import { contentOf } from './brute-force.js';
import type { History } from './history.js';
import type { HoldWatchOptions } from './hold-watch.js';
import type { ReplayWatch } from './replay-watch.js';

/** Clocks are wrong by so much at most; a time that is further off was not read from the clock of a host. */
const maxSkewMs = 30 * 3_600_000;

/** Watches that verdicts stand, were decided with what was in force, and are what their triggers say. */
export class VerdictWatch {
  private readonly verdicts = new Map<string, Verdict>();
  private readonly firstVerdicts = new Map<string, Verdict>();

  constructor(
    private readonly history: History,
    private readonly replays: ReplayWatch,
    private readonly options: Pick<HoldWatchOptions, 'nowMs' | 'refreshMs'>,
  ) {}

  /** The first stored verdict of a signal and a subscription stands; one moved to another stage is a new one. */
  told(verdict: Verdict): void {
    const { signalId, subscription, subscriptionStage, set = '', lag, replay = '' } = verdict;
    const key = `${signalId} ${subscription} ${subscriptionStage} ${lag === undefined ? '' : set} ${replay}`;
    const name = `${subscriptionStage} ${verdict.verdictId}`;
    if (!this.verdicts.has(name)) this.verdicts.set(name, verdict);
    const known = this.firstVerdicts.get(key);
    if (known === undefined) this.firstVerdicts.set(key, verdict);
    if (known === undefined || known === verdict) return;
    const [first, text] = [JSON.stringify(known), JSON.stringify(verdict)];
    if (first !== text)
      this.history.report('P5', `the verdict of ${key} changed after it was stored, from ${first} to ${text}`);
  }

  /** Decisions use a version that was in force at most the refresh interval ago. */
  checkRegistryAge(verdict: Verdict, call: Call): void {
    if (Math.abs(Date.parse(verdict.decidedAt) - this.options.nowMs()) > maxSkewMs + this.options.refreshMs) {
      this.history.report('P5', `verdict ${verdict.verdictId} says it was decided at ${verdict.decidedAt}`);
    }
    const repeats = verdict.replay !== undefined && this.replays.isForced(verdict.replay);
    if (this.history.document(verdict.registryVersion) === undefined) {
      this.history.report(
        'P3',
        `verdict ${verdict.verdictId} names registry ${verdict.registryVersion}, never in force`,
      );
    } else if (!repeats && !this.history.mayBeHeld(verdict.registryVersion, call.caller.startedAtMs, this.options)) {
      this.history.report(
        'P5',
        `verdict ${verdict.verdictId} uses registry ${verdict.registryVersion}, replaced long before`,
      );
    }
  }

  /** P3: the verdict was stored first, asks for this trigger, and says what the trigger says. */
  checkEvidence({ triggerId, stage, evidence, cause, replay }: Trigger): void {
    const verdict = this.verdicts.get(`${stage} ${evidence.verdictId}`);
    if (verdict?.triggerId !== triggerId) {
      return this.history.report('P3', `${triggerId} was sent before a verdict that asks for it was stored`);
    }
    if (verdict.replay !== replay?.name || cause !== (replay === undefined ? 'live' : 'replay')) {
      this.history.report('P5', `${triggerId} says it is of ${replay?.name ?? 'no replay'}, because of ${cause}`);
    }
    if (contentOf(verdict.gates) !== contentOf(evidence.gates) || verdict.gates.length === 0) {
      this.history.report('P3', `${triggerId} was sent with other evidence than its verdict holds`);
    }
    if (verdict.gates.some(({ answer, holds }) => answer !== 'pass' && holds !== true)) {
      this.history.report('P3', `${triggerId} was sent although a gate said no`);
    }
  }
}

import type { Pause } from '../../../shared/contracts/controls.js';
import type { SubscriptionEntry } from '../../../shared/contracts/registry.js';
import type { DispatchWindow } from '../../../shared/contracts/subscription.js';
import type { Trigger } from '../../../shared/contracts/trigger.js';
import type { Verdict } from '../../../shared/contracts/verdict.js';
import type { ControlState } from '../../../shared/ports/control-store.js';
import type { LedgerEntry } from '../../../shared/ports/ledger.js';
import type { Call } from '../model/network.js';
import type { History } from './history.js';

export interface HoldWatchOptions {
  readonly nowMs: () => number;
  readonly refreshMs: number;
  /** How much longer than the refresh interval a look at the controls may take. */
  readonly slackMs: number;
  /** Whether hosts agree on the time, so that releases of different hosts can be counted together. */
  readonly clocksAgree: boolean;
}

/** Watches that what is paused stays, and that windows, rates and coalescing are kept by what the ledger records. */
export class HoldWatch {
  private readonly controls: { readonly fromMs: number; readonly pauses: readonly Pause[] }[] = [];
  private readonly releases = new Map<string, number[]>();

  constructor(
    private readonly history: History,
    private readonly options: HoldWatchOptions,
  ) {}

  replaced(state: ControlState | undefined): void {
    if (state) this.controls.push({ fromMs: this.options.nowMs(), pauses: state.pauses });
  }

  /** Whether an operator ever paused what a verdict is about. */
  wasPaused({ subscriptionStage: stage, subscription, outputPortKey: key }: Verdict): boolean {
    const subject = { stage, subscription, inputs: [{ outputPort: { key } }] };
    return this.controls.some(({ pauses }) => pauses.some((each) => covers(each, subject)));
  }

  /** Nothing leaves that was paused all the time in which its sender can have looked. */
  sent(trigger: Trigger, { caller }: Call): void {
    if (this.controls.length === 0) return;
    const untilMs = this.options.nowMs();
    const sinceMs = caller.startedAtMs - this.options.refreshMs - this.options.slackMs;
    const seen = this.controls.filter(({ fromMs }, index) => {
      const endMs = this.controls[index + 1]?.fromMs ?? Number.POSITIVE_INFINITY;
      return fromMs <= untilMs && endMs >= sinceMs;
    });
    const knew = (this.controls[0]?.fromMs ?? 0) <= sinceMs;
    if (knew && seen.every(({ pauses }) => pauses.some((each) => covers(each, trigger))))
      this.history.report('P2', `${trigger.triggerId} left although it was paused for long`);
  }

  /** What one plan let go, in a window that was open, no more than the rate, the newest for all it stands for. */
  released(released: readonly LedgerEntry[]): void {
    for (const { trigger, pendingSince } of released) {
      const entries = this.history.registries.flatMap(({ document }) =>
        document.subscriptions.filter(({ key }) => key === trigger.subscription),
      );
      const atMs = Date.parse(pendingSince);
      this.checkWindows(trigger, entries, atMs);
      this.checkRate(trigger, entries, atMs);
      this.checkAbsorbed(trigger);
    }
  }

  private checkWindows({ triggerId }: Trigger, entries: readonly SubscriptionEntry[], atMs: number): void {
    const open = entries.some(({ windows }) => windows === undefined || windows.some((each) => isOpenAt(each, atMs)));
    if (!open) this.history.report('P2', `${triggerId} was released outside its windows, at ${toIso(atMs)}`);
  }

  private checkRate(
    { triggerId, subscription, stage }: Trigger,
    entries: readonly SubscriptionEntry[],
    atMs: number,
  ): void {
    if (!this.options.clocksAgree) return;
    const key = `${stage} ${subscription}`;
    const times = [...(this.releases.get(key) ?? []), atMs];
    this.releases.set(key, times);
    const kept = entries.some(({ throttle }) => {
      if (throttle === undefined) return true;
      return times.filter((each) => each > atMs - throttle.perMinutes * 60_000 && each <= atMs).length <= throttle.max;
    });
    if (!kept) this.history.report('P2', `${triggerId} was released above the rate of its subscription`);
  }

  private checkAbsorbed({ triggerId, inputs, absorbed = [] }: Trigger): void {
    const newest = Math.max(...inputs.map(({ snapshot }) => Date.parse(snapshot.watermark)));
    const older = absorbed.flatMap(({ snapshots }) => snapshots.map(({ watermark }) => Date.parse(watermark)));
    if (older.some((each) => each > newest)) this.history.report('P2', `${triggerId} stands for a newer snapshot`);
  }
}

interface Subject {
  readonly stage: string;
  readonly subscription: string;
  readonly inputs: readonly { readonly outputPort: { readonly key: string } }[];
}

function covers({ target }: Pause, { stage, subscription, inputs }: Subject): boolean {
  if (target.kind === 'stage') return target.stage === stage;
  if (target.kind === 'subscription') return target.subscription === subscription;
  if (target.kind === 'port') return inputs.some(({ outputPort }) => outputPort.key === target.port);
  return true;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Day, date and time of day on the walls of a zone. */
function toWallTime(atMs: number, timeZone: string): { day: string; date: string; time: string } {
  const known = formats.get(timeZone);
  const options = { timeZone, weekday: 'short', year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  const format =
    known ?? new Intl.DateTimeFormat('en-GB', { ...options, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  formats.set(timeZone, format);
  const parts = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
  return {
    day: (parts['weekday'] ?? '').toLowerCase(),
    date: `${parts['year']}-${parts['month']}-${parts['day']}`,
    time: `${parts['hour']}:${parts['minute']}`,
  };
}

const dayMs = 24 * 3_600_000;

function isOpenAt({ days, from, to, timeZone, closedOn }: DispatchWindow, atMs: number): boolean {
  const opens = ({ day, date }: { day: string; date: string }): boolean =>
    (days as readonly string[]).includes(day) && !closedOn.includes(date);
  const now = toWallTime(atMs, timeZone);
  if (from < to) return opens(now) && now.time >= from && now.time < to;
  if (now.time >= from) return opens(now);
  return now.time < to && opens(toWallTime(atMs - dayMs, timeZone));
}

function toIso(ms: number): string {
  return new Date(ms).toISOString();
}

import { Cron } from 'croner';
import { toErrorText } from '../log/host-log.js';
import { toJson } from '../worker/rpc-encode.js';
import { readText, requireText } from './function-definition.js';
import type { Listener, ListenerContext } from './listener.js';
import { invokeWithRetry, pause, toRetryPolicy, type RetryPolicy } from './retry-policy.js';
import type { TimerMonitor, TimerStatus } from './timer-monitor.js';

const LONGEST_SLEEP_MS = 24 * 3600 * 1000;
const MONITORED_INTERVAL_MS = 60_000;
const NEVER = '0001-01-01T00:00:00';

/** The timer trigger of one function: six fields, seconds first, UTC. One timer never overlaps itself. */
export class TimerListener implements Listener {
  readonly #context: ListenerContext;
  readonly #monitor: TimerMonitor | undefined;
  readonly #schedule: Cron;
  readonly #policy: RetryPolicy;
  readonly #stopping = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  #running: Promise<unknown> = Promise.resolve();
  #status: TimerStatus | undefined;

  /** @throws Error when the schedule is no six-field expression */
  constructor(context: ListenerContext, monitor: TimerMonitor) {
    this.#context = context;
    this.#schedule = toSchedule(requireText(context.definition, 'schedule'));
    this.#policy = toRetryPolicy(context.definition.target.metadata.retryOptions);
    this.#monitor = isMonitored(context, this.#schedule) ? monitor : undefined;
  }

  async start(): Promise<void> {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled([this.#loop, this.#running]);
  }

  /** Run the timer once now, outside its schedule. Ends when the function has run. */
  async runNow(): Promise<void> {
    await this.#invoke(false);
  }

  async #run(): Promise<void> {
    const pastDue = await this.#isPastDue();
    if (pastDue || this.#context.definition.trigger['runOnStartup'] === true) await this.#tick(pastDue);
    while (!this.#stopping.signal.aborted) {
      const next = this.#schedule.nextRun();
      if (!next || !(await this.#sleepUntil(next))) return;
      await this.#tick(false);
    }
  }

  async #sleepUntil(time: Date): Promise<boolean> {
    for (;;) {
      const left = time.getTime() - Date.now();
      if (left <= 0) return !this.#stopping.signal.aborted;
      if (!(await pause(Math.min(left, LONGEST_SLEEP_MS), this.#stopping.signal))) return false;
    }
  }

  async #tick(isPastDue: boolean): Promise<void> {
    await this.#invoke(isPastDue);
    await this.#store();
  }

  async #invoke(isPastDue: boolean): Promise<void> {
    const turn = this.#running.then(async () => {
      const { definition, invoker } = this.#context;
      const data = toJson({
        Schedule: { AdjustForDST: true },
        ScheduleStatus: this.#status ?? null,
        IsPastDue: isPastDue,
      });
      const trigger = { name: definition.triggerName, data };
      const invocation = { target: definition.target, trigger, triggerMetadata: {}, reason: 'timer fired' };
      await invokeWithRetry(invoker, invocation, this.#policy, this.#stopping.signal);
    });
    this.#running = turn;
    await turn;
  }

  async #isPastDue(): Promise<boolean> {
    try {
      this.#status = await this.#monitor?.read(this.#context.definition.name);
    } catch (error) {
      this.#warn('reading', error);
    }
    const due = new Date(this.#status?.Next ?? Number.NaN).getTime();
    if (!this.#status) await this.#store();
    return due < Date.now();
  }

  async #store(): Promise<void> {
    const now = new Date().toISOString();
    const first = this.#status === undefined;
    this.#status = {
      Last: first ? NEVER : now,
      Next: this.#schedule.nextRun()?.toISOString() ?? NEVER,
      LastUpdated: now,
    };
    try {
      await this.#monitor?.write(this.#context.definition.name, this.#status);
    } catch (error) {
      this.#warn('storing', error);
    }
  }

  #warn(what: string, error: unknown): void {
    const message = `${what} the status of timer "${this.#context.definition.name}" failed: ${toErrorText(error)}`;
    this.#context.log({ level: 'warning', category: 'Host.Timers', message });
  }
}

function toSchedule(text: string): Cron {
  if (text.trim().split(/\s+/).length === 6) return new Cron(text, { timezone: 'UTC', paused: true, mode: '6-part' });
  throw new Error(`schedule "${text}" must have six fields: {second} {minute} {hour} {day} {month} {day of week}`);
}

/** On by default for schedules of a minute and more, as on the platform. */
function isMonitored(context: ListenerContext, schedule: Cron): boolean {
  const own = context.definition.trigger['useMonitor'] ?? readText(context.definition, 'useMonitor');
  if (own === false) return false;
  const [first, second] = schedule.nextRuns(2);
  return first !== undefined && second !== undefined && second.getTime() - first.getTime() >= MONITORED_INTERVAL_MS;
}

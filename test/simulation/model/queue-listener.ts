import type { Cluster, ClusterOptions } from './cluster.js';
import type { Host } from './host.js';
import type { Delivery, Queue } from './service-bus.js';

/** Batches one host works on at a time, per queue. */
const concurrency = 2;

/** Feeds one queue's messages in batches to the hosts, and settles them the way the platform does: all, or none. */
export class QueueListener {
  private readonly busy = new Map<Host, number>();
  private handing = 0;

  constructor(
    readonly functionName: string,
    private readonly queue: Queue,
    private readonly cluster: Cluster,
    private readonly options: Pick<ClusterOptions, 'maxBatch' | 'onCompleted'>,
  ) {
    queue.onVisible = () => this.pump();
  }

  get isIdle(): boolean {
    return this.handing === 0;
  }

  pump(): void {
    const { loop, random, faults } = this.cluster.deps;
    for (;;) {
      const free = this.cluster.hosts.filter((host) => host.takesWork && (this.busy.get(host) ?? 0) < concurrency);
      if (free.length === 0) {
        if (!this.queue.isEmpty) this.retryLater();
        return;
      }
      const deliveries = this.queue.receive(random.int(1, this.options.maxBatch));
      if (deliveries.length === 0) return;
      const host = random.pick(free);
      this.busy.set(host, (this.busy.get(host) ?? 0) + 1);
      this.handing += 1;
      if (faults.strikes('lock-lost')) this.loseLockLater(random.pick(deliveries));
      loop.after(random.int(1, 15), () => {
        this.handing -= 1;
        host.resume(() => this.work(host, deliveries));
      });
    }
  }

  private waiting = false;

  /** Everybody is busy or stands still; look again soon. */
  private retryLater(): void {
    if (this.waiting) return;
    this.waiting = true;
    this.cluster.deps.loop.after(1_000, () => {
      this.waiting = false;
      this.pump();
    });
  }

  private work(host: Host, deliveries: readonly Delivery[]): void {
    const { network } = this.cluster.deps;
    const payload = deliveries.map(({ body }) => JSON.parse(body) as unknown);
    host.invoke(this.functionName, { payload }, (outcome, caller) => {
      if (network.dies(caller, 'at its end', 'killed-at-end')) return;
      this.busy.set(host, (this.busy.get(host) ?? 1) - 1);
      for (const delivery of deliveries) this.settle(delivery, outcome === 'returned');
      this.pump();
    });
  }

  private settle({ token }: Delivery, done: boolean): void {
    const { loop, random, faults } = this.cluster.deps;
    if (done && faults.strikes('complete-lost')) return;
    loop.after(random.int(1, 10), () => {
      if (!done) return this.queue.abandon(token);
      const body = this.queue.complete(token);
      if (body !== undefined) this.options.onCompleted(this.queue.name, body);
    });
  }

  private loseLockLater({ token }: Delivery): void {
    const { loop, random } = this.cluster.deps;
    loop.after(random.int(5, 200), () => this.queue.loseLock(token));
  }
}

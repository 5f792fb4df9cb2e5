import { beforeEach, describe, expect, it } from 'vitest';
import type { Pause } from '../../shared/contracts/controls.js';
import type { ReplayJob } from '../../shared/contracts/replay-job.js';
import type { ControlStore } from '../../shared/ports/control-store.js';
import type { ReplayStore } from '../../shared/ports/replay-store.js';

const pause: Pause = {
  target: { kind: 'port', port: 'op.sales.orders.daily' },
  reason: 'double-counted returns',
  actor: 'ada',
  since: '2026-03-11T02:00:00.000Z',
};

function job(name: string, overrides: Partial<ReplayJob> = {}): ReplayJob {
  return {
    name,
    selection: { kind: 'port', port: 'op.sales.orders.daily', stage: 'prod' },
    force: false,
    reason: '',
    actor: 'ada',
    ratePerSecond: 50,
    state: 'running',
    total: 3,
    counts: { done: 0, fired: 0, firedBefore: 0, notMatched: 0, resubmitted: 0, retracted: 0, revoked: 0 },
    createdAt: '2026-03-11T02:00:00.000Z',
    updatedAt: '2026-03-11T02:00:00.000Z',
    ...overrides,
  };
}

/** What the stores behind controls and replays promise. `open` gives empty ones. */
export function operationsSuite(
  name: string,
  open: () => Promise<{ controls: ControlStore; replays: ReplayStore }>,
): void {
  describe(`operations: ${name}`, () => {
    let controls: ControlStore;
    let replays: ReplayStore;
    beforeEach(async () => {
      ({ controls, replays } = await open());
    });

    it('keep nothing paused at first, and pauses as they were put', async () => {
      expect(await controls.read()).toEqual({ pauses: [], etag: 'none' });

      const written = await controls.replace([pause], 'none');

      expect(written?.pauses).toEqual([pause]);
      expect(await controls.read()).toEqual(written);
    });

    it('refuse a change of controls that somebody else changed since', async () => {
      const first = await controls.replace([pause], 'none');

      expect(await controls.replace([], 'none')).toBeUndefined();
      const second = await controls.replace([], first?.etag ?? '');
      expect(second).toMatchObject({ pauses: [] });
      expect(await controls.read()).toEqual(second);
      expect(await controls.replace([pause], first?.etag ?? '')).toBeUndefined();
    });

    it('give a replay name once, and let it be changed by one at a time', async () => {
      const created = await replays.create(job('again'));

      expect(await replays.create(job('again'))).toBeUndefined();
      expect(await replays.get('again')).toEqual(created);
      const moved = await replays.update(job('again', { position: 'p' }), created?.etag ?? '');
      expect(moved?.job.position).toBe('p');
      expect(await replays.get('again')).toEqual(moved);
      expect(await replays.update(job('again', { position: 'q' }), moved?.etag ?? '')).toMatchObject({
        job: { position: 'q' },
      });
      expect(await replays.update(job('again'), moved?.etag ?? '')).toBeUndefined();
      expect(await replays.update(job('again'), created?.etag ?? '')).toBeUndefined();
      expect(await replays.get('absent')).toBeUndefined();
    });

    it('list replays by name', async () => {
      for (const each of ['b', 'a']) await replays.create(job(each));

      expect((await replays.list(10)).map(({ name: own }) => own)).toEqual(['a', 'b']);
    });

    it('list replays of one state, however many others come before them', async () => {
      for (const each of ['a', 'b', 'c']) await replays.create(job(each, { state: 'done' }));
      for (const each of ['z', 'y']) await replays.create(job(each));

      expect((await replays.list(2, 'running')).map(({ name: own }) => own)).toEqual(['y', 'z']);
      expect((await replays.list(1, 'running')).map(({ name: own }) => own)).toEqual(['y']);
    });
  });
}

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DayStep, loadDay } from '../../cli/start/day-file.js';
import type { Explanation } from '../../shared/contracts/api/explanation.js';
import { openAdapters } from '../../shared/adapters/open-adapters.js';
import { parseSettings } from '../../shared/config/settings.js';
import { decodeEvent } from '../../shared/domain/decode/decode-event.js';
import { advanceReplay } from '../../shared/pipeline/operators/advance-replay.js';
import { toOperatorDeps } from '../../shared/pipeline/operators/operator-deps.js';
import { startReplay } from '../../shared/pipeline/operators/replays.js';
import { type ExampleStack, startExampleStack } from '../support/example-stack.js';

let stack: ExampleStack;
let steps: DayStep[];
beforeAll(async () => {
  stack = await startExampleStack();
  steps = await loadDay(join(import.meta.dirname, '../../examples/day.yaml'), Date.now());
}, 240_000);
afterAll(() => stack.stop());

const rows = async (path: string): Promise<Record<string, unknown>[]> => {
  const response = await stack.call('admin', 'GET', path);
  const body = (await response.json()) as { items: Record<string, unknown>[] };
  expect(response.status, JSON.stringify(body)).toBe(200);
  return body.items;
};

function eventIdOf({ outgoing }: DayStep): string | undefined {
  const decoded = decodeEvent(outgoing.body, outgoing.properties ?? {});
  return decoded.ok ? decoded.event.eventId : decoded.clues.eventId;
}

/** What to ask explain for: the event id, or the record's id for bytes that name none. */
async function toQuestion(step: DayStep): Promise<string> {
  const eventId = eventIdOf(step);
  if (eventId !== undefined) return eventId;
  const body = Buffer.from(step.outgoing.body).toString('base64');
  for (const { id } of await rows('quarantine?state=any&limit=500')) {
    const item = (await (await stack.call('reader', 'GET', `quarantine/${String(id)}`)).json()) as {
      bodyBase64: string;
    };
    if (item.bodyBase64 === body) return String(id);
  }
  throw new Error(`${step.note}: is nowhere`);
}

async function explain(id: string): Promise<Explanation> {
  const response = await stack.call('reader', 'GET', `explain/${encodeURIComponent(id)}`);
  expect(response.status, id).toBe(200);
  return (await response.json()) as Explanation;
}

const triggerIds = async (): Promise<string[]> =>
  (await rows('triggers?scan=true&limit=500'))
    .map(({ trigger }) => (trigger as { triggerId: string }).triggerId)
    .sort();

describe('explain', { timeout: 180_000 }, () => {
  it('answers for every event of the example day as it ended', async () => {
    for (const step of steps) {
      const { events, quarantined } = await explain(await toQuestion(step));
      const { expect: end, note } = step;
      if (end.outcome === 'quarantined') {
        expect(
          quarantined.map(({ record }) => record.reason),
          note,
        ).toContain(end.reason);
        expect(
          quarantined[0]?.path.map(({ step: name }) => name),
          note,
        ).toContain('quarantined');
        continue;
      }
      expect(events, note).toHaveLength(1);
      const [event] = events;
      const names = event?.path.map(({ step: name }) => name) ?? [];
      expect(names.slice(0, 5), note).toEqual(['occurred', 'enqueued', 'received', 'validated', 'stored']);
      if (end.outcome === 'duplicate') expect(names, note).toContain('duplicate');
      else {
        const outcomes = new Map(event?.subscriptions.map(({ subscription, outcome }) => [subscription, outcome]));
        for (const key of end.triggers) expect(outcomes.get(key), `${note}: ${key}`).toBe('matched');
        for (const key of end.sameVector) expect(outcomes.get(key), `${note}: ${key}`).toBe('same-vector');
        if (end.triggers.length > 0)
          expect(names, note).toEqual(expect.arrayContaining(['triggered', 'delivered', 'receipt']));
      }
    }
  });

  it('says for everything that was refused what would make it fire, and who owns that', async () => {
    for (const step of steps) {
      if (step.expect.outcome !== 'signal') continue;
      const refused = Object.keys(step.expect.refused);
      if (refused.length === 0) continue;
      const { events } = await explain(eventIdOf(step) ?? '');
      for (const key of refused) {
        const own = events[0]?.subscriptions.find(({ subscription }) => subscription === key);
        if (own?.outcome !== 'not-matched' && own?.outcome !== 'shadow') continue;
        expect(own.remedies.length, `${step.note}: ${key}`).toBeGreaterThan(0);
        for (const { verified, owner, fact } of own.remedies) {
          expect(verified, `${step.note}: ${fact}`).toBe(true);
          expect(owner).toMatch(/^team-/);
        }
      }
    }
  });

  it('takes a trigger id, and ends with exit code 4 for an id nobody knows', async () => {
    const [first] = await triggerIds();
    expect((await explain(first ?? '')).asked).toBe('trigger');
    expect((await stack.outport(['explain', first ?? ''])).stdout).toContain('every gate said yes');
    expect((await stack.outport(['explain', 'nobody-knows-this'])).code).toBe(4);
  });
});

/** Replay ports with the real adapters in this process, round by round; answers how many signals were looked at. */
async function replayHere(places: readonly string[], rounds: readonly number[]): Promise<number> {
  const settings = parseSettings(stack.env);
  const adapters = openAdapters(settings);
  const clock = { nowMs: () => Date.now() };
  const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const operator = toOperatorDeps(adapters, { stages: settings.stages, clock, refreshMs: 1_000 });
  const deps = { ...operator, ...adapters, wait };
  let looked = 0;
  for (const round of rounds) {
    for (const [index, place] of places.entries()) {
      const [port = '', stage = ''] = place.split(' ');
      const name = `day-${round}-${index}`;
      const selection = { kind: 'port' as const, port, stage };
      const request = { name, selection, reason: '', ratePerSecond: 1_000, dryRun: false };
      const started = await startReplay(request, { actor: 'test', force: false }, deps);
      expect(started.ok).toBe(true);
      const job = await advanceReplay(name, { isOver: () => false }, deps);
      expect(job).toMatchObject({ state: 'done', counts: { fired: 0 } });
      looked += job?.counts.done ?? 0;
    }
  }
  await adapters.close();
  return looked;
}

describe('replay', { timeout: 180_000 }, () => {
  it('of the whole day, three times, sends nothing new', async () => {
    const before = await triggerIds();
    const signals = await rows('signals?limit=500');
    const places = [...new Set(signals.map(({ outputPortKey, stage }) => `${String(outputPortKey)} ${String(stage)}`))];
    const looked = await replayHere(places, [1, 2, 3]);
    expect(looked).toBe(signals.length * 3);
    expect(await triggerIds()).toEqual(before);
  });

  it('with force sends new triggers that say that they are a replay, and why', async () => {
    const before = await triggerIds();
    const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
    const args = ['--event', `orders-${day}`, '--force', '--reason', 'tables were lost'];
    const dryRun = await stack.outport(['replay', 'start', 'forced', ...args, '--dry-run', '--output', 'json']);
    const planned = (JSON.parse(dryRun.stdout) as { sends: { triggerId: string }[] }).sends.map(
      ({ triggerId }) => triggerId,
    );

    expect((await stack.outport(['replay', 'start', 'forced', ...args])).code).toBe(0);

    const added = (await triggerIds()).filter((id) => !before.includes(id));
    expect(added).toEqual(planned.sort());
    expect(added.length).toBeGreaterThan(0);
    const fresh = (await rows('triggers?scan=true&limit=500')).map(
      ({ trigger }) => trigger as { triggerId: string; cause: string; replay?: unknown },
    );
    for (const { triggerId, cause, replay } of fresh) {
      if (!added.includes(triggerId)) continue;
      expect({ cause, replay }).toEqual({ cause: 'replay', replay: { name: 'forced', reason: 'tables were lost' } });
    }
    expect((await stack.outport(['replay', 'start', 'forced', ...args])).code).toBe(5);
  });

  it('refuses force without a reason, and two selections at once', async () => {
    expect((await stack.outport(['replay', 'start', 'x', '--event', 'e', '--force'])).code).toBe(2);
    expect((await stack.outport(['replay', 'start', 'x', '--event', 'e', '--subscription', 'sub.a.b.c'])).code).toBe(2);
  });
});

describe('the other commands', { timeout: 60_000 }, () => {
  it('give tables, JSON, JSON lines and CSV', async () => {
    const csv = await stack.outport(['signals', '--output', 'csv', '--limit', '2']);
    expect(csv.stdout.trim().split('\n')).toHaveLength(3);
    expect(csv.stderr).toContain('more with --cursor');
    const json = JSON.parse((await stack.outport(['signals', '--output', 'json', '--limit', '2'])).stdout) as {
      items: unknown[];
    };
    expect(json.items).toHaveLength(2);
    expect((await stack.outport(['signals', '--limit', '2'])).stdout).not.toMatch(/\u001b/);
  });

  it('refuse a query that must scan, naming --scan', async () => {
    const { code, stderr } = await stack.outport(['triggers', '--state', 'sent']);
    expect(stderr).toContain('scan');
    expect(code).toBe(2);
  });

  it('find everything well with the stack that runs', async () => {
    const { code, stdout } = await stack.outport(['doctor', '--output', 'json']);
    const { findings } = JSON.parse(stdout) as { findings: { state: string }[] };
    expect(findings.map(({ state }) => state)).not.toContain('broken');
    expect(code).toBe(0);
  });

  it('simulate bytes that are no event as what they would become', async () => {
    const { stdout } = await stack.outport(['simulate', '--event', '-'], '{"a":');
    expect(stdout).toContain('quarantined');
    expect(stdout).toContain('not-json');
  });
});

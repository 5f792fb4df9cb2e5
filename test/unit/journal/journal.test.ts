import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openJournal } from '../../../local/journal/journal.js';
import { encodeRecords, toRecord } from '../../../local/journal/record.js';

let file: string;
beforeEach(async () => {
  file = path.join(await mkdtemp(path.join(tmpdir(), 'journal-')), 'j');
});
afterEach(() => rm(path.dirname(file), { recursive: true, force: true }));

const one = (n: number, bytes = ''): ReturnType<typeof toRecord> => toRecord({ n }, Buffer.from(bytes));
const encode = (...records: ReturnType<typeof toRecord>[]): Buffer => Buffer.concat(encodeRecords(records));

async function replay(): Promise<unknown[]> {
  const headers: unknown[] = [];
  const journal = await openJournal(file, ({ header, bytes }) => headers.push([header, bytes.toString()]));
  await journal.close();
  return headers;
}

/** Open, append one record, close, and give what is there. */
async function goOn(): Promise<unknown[]> {
  const journal = await openJournal(file, () => undefined);
  await journal.append([one(99)]);
  await journal.close();
  return replay();
}

describe('journal', () => {
  it('replays what was appended, in order, with its bytes', async () => {
    const journal = await openJournal(file, () => undefined);
    await Promise.all(Array.from({ length: 100 }, (_, n) => journal.append([one(n, `b${n}`)])));
    await journal.close();

    expect(await replay()).toEqual(Array.from({ length: 100 }, (_, n) => [{ n }, `b${n}`]));
  });

  it('cuts off a tail torn at any byte and goes on after the last whole record', async () => {
    const torn = encode(one(2, 'two'));
    for (let length = 0; length < torn.length; length += 1) {
      await writeFile(file, Buffer.concat([encode(one(1, 'one')), torn.subarray(0, length)]));

      expect(await goOn()).toEqual([
        [{ n: 1 }, 'one'],
        [{ n: 99 }, ''],
      ]);
    }
  });

  it('replays a file of any size, whatever piece of it is read at once', async () => {
    const bytes = 'x'.repeat(1_500_000);
    const records = Array.from({ length: 8 }, (_, n) => one(n, bytes.slice(n)));
    await writeFile(file, encode(...records.slice(0, 7)));
    await appendFile(file, encode(...records.slice(7)));

    expect(await replay()).toEqual(records.map((_, n) => [{ n }, bytes.slice(n)]));
  });

  it('reads no further than a damaged record, however long it says it is', async () => {
    const damaged = encode(one(2, 'x'.repeat(6_000_000)));
    damaged.writeUInt8(1, damaged.length - 1);
    const endless = encode(one(3));
    endless.writeUInt32BE(2 ** 32 - 1, 4);
    for (const tail of [damaged, endless]) {
      await writeFile(file, Buffer.concat([encode(one(1)), tail, encode(one(4, 'y'.repeat(9_000_000)))]));

      expect(await goOn()).toEqual([
        [{ n: 1 }, ''],
        [{ n: 99 }, ''],
      ]);
    }
  });

  it('has all records of one append or none, torn at any byte', async () => {
    const group = encode(one(2, 'two'), one(3, 'three'), one(4));
    for (let length = 0; length <= group.length; length += 1) {
      await writeFile(file, Buffer.concat([encode(one(1)), group.subarray(0, length)]));

      const found = await replay();

      expect(found.length).toBe(length === group.length ? 4 : 1);
    }
  });

  it('starts with a tail of zeros of any length, after a whole record or a torn one', async () => {
    const torn = encode(one(2, 'two'));
    for (const zeros of [1, 4, 11, 12, 13, 24, 4_096, 100_000]) {
      for (const kept of [0, 5, 12, torn.length - 1]) {
        await writeFile(file, Buffer.concat([encode(one(1)), torn.subarray(0, kept), Buffer.alloc(zeros)]));

        expect(await goOn()).toEqual([
          [{ n: 1 }, ''],
          [{ n: 99 }, ''],
        ]);
      }
    }
  });

  it('stops at a record whose bytes were damaged', async () => {
    const damaged = encode(one(2, 'two'));
    damaged[damaged.length - 1] = 0;
    await appendFile(file, Buffer.concat([encode(one(1)), damaged]));

    expect(await replay()).toEqual([[{ n: 1 }, '']]);
  });

  it('answers an append of nothing after all before it', async () => {
    const journal = await openJournal(file, () => undefined);
    const order: string[] = [];
    const first = journal.append([one(1)]).then(() => order.push('first'));
    await journal.append([]).then(() => order.push('nothing'));
    await first;
    await journal.close();

    expect(order).toEqual(['first', 'nothing']);
    expect(await replay()).toEqual([[{ n: 1 }, '']]);
  });
});

describe('a compaction', () => {
  const snapshot = [toRecord({ kept: true }, Buffer.from('k'))];
  const kept = [{ kept: true }, 'k'];

  it('is followed by the appends made during and after it, in a file of the size it tells', async () => {
    const journal = await openJournal(file, () => undefined);
    await journal.append([one(1)]);
    await Promise.all([journal.compact(snapshot), journal.append([one(2)])]);
    await journal.append([one(3)]);
    const size = journal.sizeBytes();
    await journal.close();

    expect(await replay()).toEqual([kept, [{ n: 2 }, ''], [{ n: 3 }, '']]);
    expect((await readFile(file)).length).toBe(size);
  });

  it.each([1, 2, 5])('keeps every append made right after it while %i older ones still wait', async (older) => {
    const journal = await openJournal(file, () => undefined);
    const waiting = Array.from({ length: older }, (_, n) => journal.append([one(n)]));
    const compacting = journal.compact(snapshot);
    const later = [journal.append([one(10)]), journal.append([one(11)])];
    await Promise.all([...waiting, compacting, ...later]);
    await journal.close();

    expect(await replay()).toEqual([kept, [{ n: 10 }, ''], [{ n: 11 }, '']]);
  });

  it('holds up no append made while it writes, and has it once', async () => {
    const journal = await openJournal(file, () => undefined);
    const order: string[] = [];
    const append = (n: number): Promise<unknown> => journal.append([one(n)]).then(() => order.push(`append ${n}`));
    function* records(): Iterable<ReturnType<typeof toRecord>> {
      for (const part of [1, 2, 3, 4]) {
        if (part > 1) void append(part);
        yield toRecord({ part }, Buffer.alloc(300_000));
      }
    }
    await journal.compact(records()).then(() => order.push('compact'));
    await append(5);
    const size = journal.sizeBytes();
    await journal.close();

    expect(order).toEqual(['append 2', 'append 3', 'append 4', 'compact', 'append 5']);
    const headers = (await replay()).map((record) => (record as [unknown, string])[0]);
    const parts = [1, 2, 3, 4].map((part) => ({ part }));
    expect(headers).toEqual([...parts, { n: 2 }, { n: 3 }, { n: 4 }, { n: 5 }]);
    expect((await readFile(file)).length).toBe(size);
  });

  it('has what is appended by the megabyte until it is done, in order and once', async () => {
    const journal = await openJournal(file, () => undefined);
    let appended = 0;
    const keepAppending = async (): Promise<void> => {
      while (appended < 12) await journal.append([toRecord({ n: (appended += 1) }, Buffer.alloc(400_000))]);
    };
    let appending: Promise<void> | undefined;
    function* records(): Iterable<ReturnType<typeof toRecord>> {
      yield toRecord({ part: 1 }, Buffer.alloc(300_000));
      appending = keepAppending();
      yield toRecord({ part: 2 }, Buffer.alloc(300_000));
    }

    await journal.compact(records());
    await appending;
    const size = journal.sizeBytes();
    await journal.close();

    const headers = (await replay()).map((record) => (record as [unknown, string])[0]);
    expect(headers).toEqual([{ part: 1 }, { part: 2 }, ...Array.from({ length: 12 }, (_, n) => ({ n: n + 1 }))]);
    expect((await readFile(file)).length).toBe(size);
  });

  it('that fails half way leaves what was appended meanwhile in the journal', async () => {
    const journal = await openJournal(file, () => undefined);
    await journal.append([one(1)]);
    let meanwhile: Promise<void> | undefined;
    function* records(): Iterable<ReturnType<typeof toRecord>> {
      yield toRecord({ part: 1 }, Buffer.alloc(300_000));
      meanwhile = journal.append([one(2)]);
      throw new Error('no more');
    }

    await expect(journal.compact(records())).rejects.toThrow('no more');
    await meanwhile;
    await journal.append([one(3)]);
    await journal.close();

    expect(await replay()).toEqual([1, 2, 3].map((n) => [{ n }, '']));
    expect(await readdir(path.dirname(file))).toEqual(['j']);
  });

  it('that died half way leaves the old content, whatever it had written', async () => {
    const next = encode(...snapshot);
    for (const length of [0, 1, next.length - 1, next.length]) {
      await writeFile(file, encode(one(1)));
      await writeFile(`${file}.next`, next.subarray(0, length));

      expect(await replay()).toEqual([[{ n: 1 }, '']]);
    }
  });

  it('that cannot write its file leaves the journal in use', async () => {
    const journal = await openJournal(file, () => undefined);
    await journal.append([one(1)]);
    await mkdir(`${file}.next`);

    await expect(journal.compact(snapshot)).rejects.toThrow();
    await journal.append([one(2)]);
    await journal.close();
    await rm(`${file}.next`, { recursive: true });

    expect(await replay()).toEqual([
      [{ n: 1 }, ''],
      [{ n: 2 }, ''],
    ]);
  });
});

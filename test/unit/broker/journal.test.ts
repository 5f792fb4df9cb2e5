import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openJournal } from '../../../local/broker/journal/journal.js';
import { encodeRecord } from '../../../local/broker/journal/record.js';

let file: string;
beforeEach(async () => {
  file = path.join(await mkdtemp(path.join(tmpdir(), 'journal-')), 'j');
});
afterEach(() => rm(path.dirname(file), { recursive: true, force: true }));

async function replay(): Promise<unknown[]> {
  const headers: unknown[] = [];
  const journal = await openJournal(file, ({ header, bytes }) => headers.push([header, bytes.toString()]));
  await journal.close();
  return headers;
}

describe('journal', () => {
  it('replays what was appended, in order, with its bytes', async () => {
    const journal = await openJournal(file, () => undefined);
    await Promise.all(Array.from({ length: 100 }, (_, n) => journal.append({ n }, Buffer.from(`b${n}`))));
    await journal.close();

    expect(await replay()).toEqual(Array.from({ length: 100 }, (_, n) => [{ n }, `b${n}`]));
  });

  it('cuts off a tail torn at any byte and goes on after the last whole record', async () => {
    const whole = encodeRecord({ header: { n: 1 }, bytes: Buffer.from('one') });
    const torn = encodeRecord({ header: { n: 2 }, bytes: Buffer.from('two') });
    for (let length = 0; length < torn.length; length += 1) {
      await writeFile(file, Buffer.concat([whole, torn.subarray(0, length)]));

      const journal = await openJournal(file, () => undefined);
      await journal.append({ n: 3 });
      await journal.close();

      expect(await replay()).toEqual([
        [{ n: 1 }, 'one'],
        [{ n: 3 }, ''],
      ]);
    }
  });

  it('stops at a record whose bytes were damaged', async () => {
    const damaged = encodeRecord({ header: { n: 2 }, bytes: Buffer.from('two') });
    damaged[damaged.length - 1] = 0;
    await appendFile(file, Buffer.concat([encodeRecord({ header: { n: 1 }, bytes: Buffer.alloc(0) }), damaged]));

    expect(await replay()).toEqual([[{ n: 1 }, '']]);
  });

  it('keeps appends made during and after a compaction', async () => {
    const journal = await openJournal(file, () => undefined);
    await journal.append({ n: 1 });
    const compacting = journal.compact([{ header: { kept: true }, bytes: Buffer.from('k') }]);
    const during = journal.append({ n: 2 });
    await Promise.all([compacting, during]);
    await journal.append({ n: 3 });
    const size = journal.sizeBytes();
    await journal.close();

    expect(await replay()).toEqual([
      [{ kept: true }, 'k'],
      [{ n: 2 }, ''],
      [{ n: 3 }, ''],
    ]);
    expect((await readFile(file)).length).toBe(size);
  });
});

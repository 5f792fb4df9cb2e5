import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Disposable } from '../../../local/host/worker/core-api.js';
import { findEntryFiles } from '../../../local/host/worker/entry-files.js';
import { FunctionRegistry } from '../../../local/host/worker/function-registry.js';
import { toBodies, toBody, toJson, toStrings } from '../../../local/host/worker/rpc-encode.js';

describe('Entry files', () => {
  let app: string;
  beforeEach(async () => {
    app = await mkdtemp(path.join(tmpdir(), 'app-'));
    for (const file of [
      'dist/main.js',
      'dist/functions/a.js',
      'dist/functions/deep/b.js',
      'dist/functions/a.test.js',
    ]) {
      await mkdir(path.join(app, path.dirname(file)), { recursive: true });
      await writeFile(path.join(app, file), '');
    }
  });
  afterEach(() => rm(app, { recursive: true, force: true }));

  const entries = async (main: string): Promise<string[]> => {
    await writeFile(path.join(app, 'package.json'), JSON.stringify({ main }));
    return (await findEntryFiles(app)).map((file) => path.relative(app, file));
  };

  it('are one plain file, or all that a glob matches', async () => {
    expect(await entries('dist/main.js')).toEqual(['dist/main.js']);
    expect(await entries('./dist/main.js')).toEqual(['dist/main.js']);
    expect(await entries('dist/functions/*.js')).toEqual(['dist/functions/a.js', 'dist/functions/a.test.js']);
    expect(await entries('dist/{main.js,functions/**/?.js}')).toEqual([
      'dist/functions/a.js',
      'dist/functions/deep/b.js',
      'dist/main.js',
    ]);
  });

  it('must exist', async () => {
    await expect(entries('dist/none/*.js')).rejects.toThrow(/matches no file/);
  });
});

describe('Registration', () => {
  const metadata = { name: 'f', bindings: {} };
  const api = (registry: FunctionRegistry) => registry.toCoreApi(() => undefined);

  it('refuses a second function of the same name', () => {
    const registry = new FunctionRegistry();
    api(registry).registerFunction(metadata, () => undefined);
    expect(() => api(registry).registerFunction(metadata, () => undefined)).toThrow(/already been registered/);
  });

  it('ends with loading', () => {
    const registry = new FunctionRegistry();
    registry.lock();
    expect(() => api(registry).registerFunction(metadata, () => undefined)).toThrow(/too late/);
  });

  it('knows the hooks, runs them in order, and forgets disposed ones', async () => {
    const registry = new FunctionRegistry();
    const seen: string[] = [];
    api(registry).registerHook('appStart', () => seen.push('first'));
    const second = api(registry).registerHook('appStart', () => seen.push('second'));
    await registry.runHooks('appStart', {});
    second.dispose();
    await registry.runHooks('appStart', {});
    expect(seen).toEqual(['first', 'second', 'first']);
    expect(() => api(registry).registerHook('none', () => undefined)).toThrow(RangeError);
  });

  it('disposes once', () => {
    let count = 0;
    const disposable = new Disposable(() => (count += 1));
    disposable.dispose();
    disposable.dispose();
    expect(count).toBe(1);
  });
});

describe('Payloads', () => {
  const texts = ['a', '', 'b'].map((text) => Buffer.from(text));

  it('lose empty text bodies in a batch unless the app keeps them', () => {
    expect(toBodies(texts, 'string', false)).toEqual({ collectionString: { string: ['a', 'b'] } });
    expect(toBodies(texts, 'string', true)).toEqual({ collectionString: { string: ['a', '', 'b'] } });
    expect(toStrings(['x', undefined], false)).toEqual({ collectionString: { string: ['x'] } });
  });

  it('keep every binary body', () => {
    expect(toBodies(texts, 'binary', false).collectionBytes?.bytes).toHaveLength(3);
    expect(toBody(Buffer.from('a'), 'binary')).toEqual({ bytes: Buffer.from('a') });
  });

  it('carry times as ISO text, bytes as base64 and 64-bit integers as numbers', () => {
    const value = { at: new Date(0), bytes: Buffer.from('a'), long: { low: 1, high: 1, unsigned: false }, big: 5n };
    expect(toJson([value])).toEqual({
      json: '[{"at":"1970-01-01T00:00:00.000Z","bytes":"YQ==","long":4294967297,"big":5}]',
    });
  });
});

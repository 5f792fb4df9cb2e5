import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

/** The palette as a process with these settings would make it: the colour library reads them when it is loaded. */
async function paletteWith(settings: Record<string, string>, stream: { isTTY?: boolean }) {
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  vi.resetModules();
  const { paletteFor } = await import('../../../cli/output.js');
  return paletteFor(stream);
}

describe('colour', () => {
  beforeEach(() => {
    for (const name of ['CI', 'FORCE_COLOR', 'NO_COLOR', 'TERM']) vi.stubEnv(name, undefined);
  });
  afterEach(() => vi.unstubAllEnvs());

  it('is for a terminal', async () => {
    expect((await paletteWith({}, { isTTY: true })).red('x')).toBe('\u001b[31mx\u001b[39m');
  });

  it.each([{}, { CI: 'true' }, { FORCE_COLOR: '1' }])('stays out of a pipe, also with %j', async (settings) => {
    expect((await paletteWith(settings, {})).red('x')).toBe('x');
  });

  it.each([{ NO_COLOR: '1' }, { TERM: 'dumb' }])('stays out of a terminal with %j', async (settings) => {
    expect((await paletteWith(settings, { isTTY: true })).red('x')).toBe('x');
  });
});

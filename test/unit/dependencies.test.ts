import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const root = join(import.meta.dirname, '..', '..');
const Versions = z.record(z.string(), z.string());
const Manifest = z.object({ dependencies: Versions, devDependencies: Versions, overrides: Versions });
const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      resolved: z.string().optional(),
      integrity: z.string().optional(),
      inBundle: z.boolean().optional(),
    }),
  ),
});
const read = (name: string): unknown => JSON.parse(readFileSync(join(root, name), 'utf8'));
const { dependencies, devDependencies, overrides } = Manifest.parse(read('package.json'));
const { packages } = Lock.parse(read('package-lock.json'));

describe('dependencies', () => {
  it('are pinned to one version each, the one that is locked', () => {
    const wanted = { ...dependencies, ...devDependencies };
    const locked = Object.keys(wanted).map((name) => [name, packages[`node_modules/${name}`]?.version]);
    expect(wanted).toEqual(Object.fromEntries(locked));
    for (const version of Object.values(overrides)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('are locked with a hash of what is downloaded, and nothing comes from beside the registry', () => {
    const installed = Object.entries(packages).filter(([path, { inBundle }]) => path !== '' && inBundle !== true);
    expect(installed.length).toBeGreaterThan(100);
    const loose = installed.filter(([, { resolved = 'https://', integrity = '' }]) => {
      return !resolved.startsWith('https://') || !integrity.startsWith('sha512-');
    });
    expect(loose.map(([path]) => path)).toEqual([]);
  });

  it('can be listed as a CycloneDX bill of materials', { timeout: 60_000 }, async () => {
    const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'sbom'], { cwd: root, maxBuffer: 2 ** 26 });
    const Component = z.object({ name: z.string(), version: z.string(), hashes: z.array(z.unknown()).min(1) });
    const Bill = z.object({ bomFormat: z.literal('CycloneDX'), components: z.array(Component) });
    const listed = Bill.parse(JSON.parse(stdout)).components.map(({ name, version }) => `${name}@${version}`);
    const wanted = Object.entries({ ...dependencies, ...devDependencies }).map(
      ([name, version]) => `${name}@${version}`,
    );
    expect(listed).toEqual(expect.arrayContaining(wanted));
  });
});

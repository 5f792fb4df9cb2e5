import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { toStagedLock, toStagedPackage } from '../../../cli/deploy/staged-package.js';
import { parseBicepFile } from '../../support/bicep/parse-file.js';
import { deployment, ofType } from '../../support/infra.js';

const text = (path: string): string => readFileSync(path, 'utf8');
const packageJson = JSON.parse(text('package.json')) as { scripts: Record<string, string>; engines: { node: string } };
const scripts = (command: string): string[] =>
  [...command.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, name]) => name ?? '');

describe('azure.yaml', () => {
  const azure = parse(text('azure.yaml')) as {
    infra: { path: string; module: string };
    hooks: { prepackage: Record<string, { run: string }> };
    services: Record<string, { project: string; host: string; language: string }>;
  };

  it('names files that exist and scripts that package.json has', () => {
    expect(existsSync(join(azure.infra.path, `${azure.infra.module}.bicep`))).toBe(true);
    for (const { project } of Object.values(azure.services)) expect(existsSync(project)).toBe(true);
    for (const { run } of Object.values(azure.hooks.prepackage)) {
      expect(scripts(run).length).toBeGreaterThan(0);
      for (const script of scripts(run)) expect(packageJson.scripts).toHaveProperty(script);
    }
  });

  it('names the service as the deployed app is tagged', () => {
    const [app] = ofType(deployment().resources, 'Microsoft.Web/sites');

    expect(app?.body['tags']).toMatchObject({ 'azd-service-name': Object.keys(azure.services)[0] });
  });
});

describe('infra/main.parameters.json', () => {
  const { parameters } = JSON.parse(text('infra/main.parameters.json')) as {
    parameters: Record<string, { value: string }>;
  };
  const declared = parseBicepFile('infra/main.bicep').declarations.filter((each) => each.kind === 'param');

  it('sets parameters that exist, and every one that has no default', () => {
    const names = declared.map(({ name }) => name);
    const required = declared.filter((param) => param.default === undefined).map(({ name }) => name);

    for (const name of Object.keys(parameters)) expect(names).toContain(name);
    expect(Object.keys(parameters)).toEqual(expect.arrayContaining(required));
  });

  it('falls back to the defaults of the template', () => {
    for (const param of declared) {
      const fallback = /^\$\{\w+=(.*)\}$/.exec(parameters[param.name]?.value ?? '')?.[1];
      if (fallback === undefined || param.default?.kind !== 'literal') continue;
      expect(fallback, param.name).toBe(String(param.default.value));
    }
  });

  it('takes variables that the deploy workflow gives', () => {
    const workflow = text('.github/workflows/deploy.yaml');
    const variables = Object.values(parameters).map(({ value }) => /^\$\{(\w+)/.exec(value)?.[1] ?? '');

    for (const variable of variables.filter((name) => name !== 'AZURE_PRINCIPAL_ID')) {
      expect(workflow).toContain(`      ${variable}: `);
    }
  });
});

describe('the GitHub workflows', () => {
  interface Step {
    readonly uses?: string;
    readonly run?: string;
  }
  interface Workflow {
    readonly permissions: Record<string, string>;
    readonly jobs: Record<
      string,
      { readonly steps: readonly Step[]; readonly strategy?: { matrix: { node: string[] } } }
    >;
  }
  const folder = '.github/workflows';
  const workflows = readdirSync(folder).map((name): [string, Workflow] => [
    name,
    parse(text(join(folder, name))) as Workflow,
  ]);
  const steps = workflows.flatMap(([, { jobs }]) => Object.values(jobs).flatMap((job) => job.steps));

  it('use actions at a version, scripts that exist, and files that exist', () => {
    for (const { uses, run } of steps) {
      if (uses !== undefined) expect(uses).toMatch(/^[\w-]+\/[\w-]+@v\d+$/);
      for (const script of scripts(run ?? '')) expect(packageJson.scripts).toHaveProperty(script);
      for (const [file] of (run ?? '').matchAll(/infra\/[\w./-]+/g)) expect(existsSync(file), file).toBe(true);
    }
  });

  it('hold no secret, and may write nothing', () => {
    for (const [name, { permissions }] of workflows) {
      expect(text(join(folder, name)), name).not.toMatch(/secrets\./);
      expect(permissions).toMatchObject({ contents: 'read' });
    }
    expect(Object.fromEntries(workflows)['deploy.yaml']?.permissions).toEqual({
      contents: 'read',
      'id-token': 'write',
    });
  });

  it('check on the oldest Node that package.json allows and on the one that Azure runs', () => {
    const code = Object.fromEntries(workflows)['check.yaml']?.jobs['code'];
    const oldest = packageJson.engines.node.replace(/^>=/, '').replace(/\.0$/, '');

    expect(code?.strategy?.matrix.node).toEqual([oldest, '22']);
  });
});

describe('the staged app', () => {
  const staged = toStagedPackage(text('package.json'));
  const lock = toStagedLock(text('package-lock.json'), staged) as {
    packages: Record<string, { dev?: boolean; dependencies?: Record<string, string> }>;
  };

  it('has no scripts and nothing that only developing needs', () => {
    expect(Object.keys(staged).sort()).toEqual(
      ['dependencies', 'engines', 'main', 'name', 'private', 'type', 'version'].sort(),
    );
    expect(lock.packages['']?.dependencies).toEqual(staged.dependencies);
    expect(Object.values(lock.packages).some(({ dev }) => dev === true)).toBe(false);
  });

  it('can be installed from its lock: npm finds every package it needs there', () => {
    const folder = mkdtempSync(join(tmpdir(), 'staged-'));
    try {
      writeFileSync(join(folder, 'package.json'), JSON.stringify(staged));
      writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
      const listed = execFileSync('npm', ['ls', '--all', '--package-lock-only', '--json'], {
        cwd: folder,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const { dependencies, problems } = JSON.parse(listed) as { dependencies: object; problems?: string[] };

      expect(problems ?? []).toEqual([]);
      expect(Object.keys(dependencies).sort()).toEqual(Object.keys(staged.dependencies).sort());
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

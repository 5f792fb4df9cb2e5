import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { runTasks } from '../thread-pool.js';
import type { Task } from '../worker.js';
import type { Edit, Mutant } from './mutant.js';
import { holdMutants } from './hold-mutants.js';
import { operatorMutants } from './operator-mutants.js';
import { pipelineMutants } from './pipeline-mutants.js';
import { ruleMutants } from './rule-mutants.js';

/** Every way in which we break our own code. */
export const mutants: readonly Mutant[] = [...pipelineMutants, ...ruleMutants, ...operatorMutants, ...holdMutants];
/** Each mutant must be caught by one of the first so many seeds. */
const seedsPerMutant = 600;

/** Seeds known to catch what few seeds catch; the search starts there. When scenarios are drawn differently, find new ones. */
const knownSeeds: Readonly<Record<string, number>> = {
  'the sweep skips what is pending': 579,
  'a registry change refuses what was stored': 136,
  'member order changes the content': 129,
  'a replay is given up by an instance that knows of no registry yet': 13337,
  'a replay cancelled at its end begins anew when it is resumed': 1209,
};

function seedOf(mutant: Mutant | undefined): number {
  return knownSeeds[mutant?.name ?? ''] ?? 0;
}

interface Run {
  /** Compiled code of this repository, two levels below its root. */
  readonly compiledDir: string;
  readonly threads: number;
  readonly print: (line: string) => void;
  /** Part of the names of those to try. */
  readonly named: string;
}

/** Break the code in every way and play seeds until each is caught. `false` when one is not. */
export async function runMutants({ compiledDir, threads, print, named }: Run): Promise<boolean> {
  const root = join(compiledDir, '..', '..');
  const base = await mkdtemp(join(compiledDir, '..', 'mutants-'));
  const byDir = new Map<string, Mutant>();
  const survivors: string[] = [];
  const chosen = mutants.filter(({ name }) => name.includes(named));
  try {
    for (const [number, mutant] of chosen.entries()) {
      const dir = join(base, String(number));
      byDir.set(dir, mutant);
      await plant(mutant, { root, compiledDir, dir });
    }
    const tasks = [...byDir.keys()].map((dir): Task => ({
      dir,
      first: seedOf(byDir.get(dir)),
      count: seedsPerMutant,
      untilCaught: true,
    }));
    let most = 0;
    await runTasks(tasks, threads, ({ failed: [caught] }, { dir, first }) => {
      const name = byDir.get(dir)?.name ?? dir;
      if (caught === undefined) survivors.push(name);
      else most = Math.max(most, caught.seed - first + 1);
      const [violation] = caught?.violations ?? [];
      const how = violation && ` (seed ${caught?.seed}: ${violation.promise}: ${violation.text.slice(0, 90)})`;
      print(`${caught ? 'caught  ' : 'SURVIVED'} ${name}${how ?? ''}`);
    });
    print(`${chosen.length - survivors.length} of ${chosen.length} mutants caught, each within ${most} seeds`);
    for (const name of survivors) print(`not caught within ${seedsPerMutant} seeds: ${name}`);
    return survivors.length === 0;
  } finally {
    await rm(base, { recursive: true, force: true });
  }
}

/** A copy of the compiled code with one module broken. The shipped sources are only read. */
async function plant(
  mutant: Mutant,
  { root, compiledDir, dir }: { root: string; compiledDir: string; dir: string },
): Promise<void> {
  const source = await readFile(join(root, mutant.file), 'utf8');
  const broken = mutant.edits.reduce((text, edit) => applyEdit(text, edit, mutant), source);
  await cp(compiledDir, dir, { recursive: true });
  const options = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true };
  const { outputText } = ts.transpileModule(broken, { compilerOptions: options, fileName: mutant.file });
  const target = join(dir, mutant.file.replace(/\.ts$/, '.js'));
  await readFile(target); // the module is part of what runs, and its folder is there
  await writeFile(target, outputText);
  if (dirname(target) === dir) throw new Error(`${mutant.file} lies outside the compiled code`);
}

/** @throws Error when the code has changed so that the edit does not fit any more */
function applyEdit(text: string, { find, replace }: Edit, { name, file }: Mutant): string {
  const places = text.split(find).length - 1;
  if (places !== 1) {
    throw new Error(`mutant "${name}": the text to replace occurs ${places} times in ${file}; adapt it: ${find}`);
  }
  return text.replace(find, () => replace);
}

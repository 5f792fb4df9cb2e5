import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { openConsumerChannels, openStores } from '../../shared/adapters/open-adapters.js';
import { type ExportedFile, exportRegistry } from '../../shared/domain/registry/export-registry.js';
import { toDot, toLineage, toMermaid } from '../../shared/domain/registry/lineage.js';
import { planRegistry } from '../../shared/domain/registry/plan.js';
import { toPlanEffects } from '../../shared/domain/registry/plan-effects.js';
import { toRegistryView } from '../../shared/domain/registry/registry-view.js';
import { previewRegistry } from '../../shared/pipeline/registry/preview-registry.js';
import { loadSettings } from '../environment.js';
import { InputError } from '../errors.js';
import { paint, print, toSafeText } from '../output.js';
import { toSizes } from './apply-command.js';
import { loadChecked, loadReference, loadStored } from './load-checked.js';
import { toEffectLines, toPlanLines, toPreviewLines } from './plan-lines.js';
import { toProblemCount } from './problem-lines.js';
import { loadRegistry } from './registry-files.js';

const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

/** `outport registry validate` */
export async function validate(dir: string, { json }: { json?: boolean }): Promise<void> {
  if (!json) {
    const loaded = await loadChecked(dir, print);
    print(`${paint.green('valid')}  ${toSizes(loaded.document)} in ${loaded.files} files`);
    return;
  }
  const { problems, files } = await loadRegistry(dir, Date.now());
  const valid = problems.every(({ severity }) => severity !== 'error');
  printJson({ valid, files, problems });
  if (!valid) throw new InputError(`${dir}: ${toProblemCount(problems)}`, 'mend them, then try again');
}

/** `outport registry plan` */
export async function plan(dir: string, { json }: { json?: boolean }): Promise<void> {
  const { document } = await loadChecked(dir);
  const settings = loadSettings();
  const stores = openStores(settings);
  await stores.ensureTables();
  const channels = openConsumerChannels(settings);
  const preview = await previewRegistry(document, { ...stores, channels, clock: { nowMs: () => Date.now() } });
  if (json) printJson(preview);
  else for (const line of toPreviewLines(preview)) print(line);
}

/** `outport registry diff` */
export async function diff(from: string, to: string, { json }: { json?: boolean }): Promise<void> {
  const [before, after] = [await loadReference(from), await loadReference(to)];
  const changes = planRegistry(before, after);
  const effects = toPlanEffects(toRegistryView(before), toRegistryView(after));
  if (json) return printJson({ plan: changes, effects });
  for (const line of [...toPlanLines(changes), ...toEffectLines(effects)]) print(line);
  const { added, changed, removed } = changes;
  print(`${added.length} added, ${changed.length} changed, ${removed.length} removed`);
}

/** `outport registry graph` */
export async function graph(reference: string, options: { format: string; stage?: string }): Promise<void> {
  const lineage = toLineage(toRegistryView(await loadReference(reference)), options.stage);
  switch (options.format) {
    case 'mermaid':
      return void process.stdout.write(toMermaid(lineage));
    case 'dot':
      return void process.stdout.write(toDot(lineage));
    default:
      printJson(lineage);
  }
}

/** `outport registry versions` */
export async function versions({ limit, json }: { limit: number; json?: boolean }): Promise<void> {
  const found = await openStores(loadSettings()).registryStore.versions({ limit });
  if (json) return printJson(found);
  for (const { version, appliedAt, appliedBy, reason } of found) {
    print(`${version}  ${appliedAt}  ${toSafeText(appliedBy)}${reason === undefined ? '' : `  ${toSafeText(reason)}`}`);
  }
  if (found.length === 0) print('no registry is in force');
}

/** `outport registry export` */
export async function exportTo(dir: string | undefined, options: { version: string }): Promise<void> {
  const files = exportRegistry(await loadStored(options.version, openStores(loadSettings()).registryStore));
  if (dir === undefined) return void process.stdout.write(files.map(toYaml).join('---\n'));
  const existing = await readdir(dir).catch(() => []);
  if (existing.length > 0) throw new InputError(`${dir} is not empty`, 'name a new or an empty folder');
  for (const file of files) {
    const path = join(dir, `${file.name}.yaml`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, toYaml(file));
  }
  print(`${paint.green('written')}  ${files.length} files under ${dir}`);
}

/** Every document of a file; what is text stays text when it is read again. */
export function toYaml({ documents }: ExportedFile): string {
  const texts = documents.map((each) =>
    stringify(each, { version: '1.2', schema: 'core', lineWidth: 0, aliasDuplicateObjects: false }),
  );
  return texts.join('---\n');
}

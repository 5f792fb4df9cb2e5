import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { RegistryDocument } from '../../shared/contracts/registry.js';
import { checkRegistry } from '../../shared/domain/registry/check-registry.js';
import { readRegistryEntries } from '../../shared/domain/registry/read-entries.js';
import type { RegistryProblem, SourceDocument } from '../../shared/domain/registry/registry-problem.js';
import { InputError } from '../errors.js';
import { type FileFault, parseYamlDocuments } from './yaml-documents.js';

/** A registry read from a folder, with everything wrong or noteworthy about it. */
export interface LoadedRegistry {
  readonly document: RegistryDocument;
  readonly problems: readonly RegistryProblem[];
  readonly files: number;
}

const maxFileBytes = 1_000_000;
const maxFolderDepth = 16;
const registryFile = /\.(?:ya?ml|json)$/i;

/**
 * Load and check every `*.yaml`, `*.yml` and `*.json` under a folder, in order of name. Hidden files and folders are
 * left out; links are not followed. @throws InputError when the folder cannot be read or holds no registry file
 */
export async function loadRegistry(folder: string): Promise<LoadedRegistry> {
  const files = await listFiles(folder);
  if (files.length === 0) {
    throw new InputError(`${folder} holds no registry files`, 'put *.yaml files there, or name another folder');
  }
  const sources: SourceDocument[] = [];
  const faults: RegistryProblem[] = [];
  for (const path of files) {
    const name = relative(process.cwd(), path);
    const file = name.startsWith('..') ? path : name;
    const parsed = await parseFile(file, path);
    if (parsed.ok) sources.push(...parsed.documents);
    else faults.push(...parsed.faults.map((fault) => toProblem(file, fault)));
  }
  const { document, locate, problems } = readRegistryEntries(sources);
  const found = [...faults, ...problems];
  // Entries that could not be read would make every reference to them look wrong.
  const unreadable = found.some((problem) => problem.severity === 'error');
  const checked = checkRegistry(document, locate).filter(({ code }) => !unreadable || !aboutReferences.has(code));
  return { document, problems: [...found, ...checked], files: files.length };
}

const aboutReferences = new Set(['unknown-data-product', 'unresolved-port']);

async function listFiles(folder: string, depth = 0): Promise<string[]> {
  if (depth > maxFolderDepth) {
    throw new InputError(`${folder} lies more than ${maxFolderDepth} folders deep`, 'use a flatter layout');
  }
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`cannot read folder ${folder} (${error.code})`, 'name a folder with registry files');
  });
  const sorted = entries.filter(({ name }) => !name.startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1));
  const nested = await Promise.all(
    sorted.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return listFiles(path, depth + 1);
      return entry.isFile() && registryFile.test(entry.name) ? [path] : [];
    }),
  );
  return nested.flat();
}

type Parsed = { ok: true; documents: readonly SourceDocument[] } | { ok: false; faults: readonly FileFault[] };

async function parseFile(file: string, path: string): Promise<Parsed> {
  const { size } = await stat(path);
  if (size > maxFileBytes) {
    const message = `is ${size} bytes; at most ${maxFileBytes} are read`;
    return { ok: false, faults: [{ message, fix: 'split it into several files' }] };
  }
  const bytes = await readFile(path);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { ok: false, faults: [{ message: 'is not UTF-8 text', fix: 'save it as UTF-8' }] };
  }
  if (/\.json$/i.test(file)) {
    const fault = findJsonFault(text);
    if (fault) return { ok: false, faults: [fault] };
  }
  return parseYamlDocuments(file, text);
}

/** JSON is read through the YAML parser for its line numbers, but must be JSON. */
function findJsonFault(text: string): FileFault | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (cause) {
    return { message: `not valid JSON: ${cause instanceof Error ? cause.message : ''}`, fix: 'correct the syntax' };
  }
}

function toProblem(file: string, { line, message, fix }: FileFault): RegistryProblem {
  return {
    severity: 'error',
    code: 'unreadable-file',
    file,
    ...(line !== undefined && { line }),
    path: '$',
    message,
    fix,
  };
}

import { type Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { RegistryProblem, SourceDocument } from '../../shared/domain/registry/registry-problem.js';
import { InputError } from '../errors.js';
import { type FileFault, type ParsedFile, parseYamlDocuments } from './yaml-documents.js';

const maxFileBytes = 1_000_000;
const maxFolderDepth = 16;
const registryFile = /\.(?:ya?ml|json)$/i;

/** The documents of some files, and the files that could not be read. */
export interface SourceFiles {
  readonly sources: readonly SourceDocument[];
  readonly problems: readonly RegistryProblem[];
  readonly files: number;
}

/**
 * Read every `*.yaml`, `*.yml` and `*.json` under a folder, in order of name. Hidden files and folders are left out;
 * links are refused. @throws InputError when the folder cannot be read or holds no registry file
 */
export async function readSourceFolder(folder: string): Promise<SourceFiles> {
  const found = await listFolder(folder);
  if (found.length === 0) {
    throw new InputError(`${folder} holds no registry files`, 'put *.yaml files there, or name another folder');
  }
  const read: SourceFiles[] = [];
  for (const { path, link } of found) read.push(link ? refuseLink(path) : await readSourceFile(path));
  return {
    sources: read.flatMap(({ sources }) => sources),
    problems: read.flatMap(({ problems }) => problems),
    files: found.length,
  };
}

/** Read one file; what is wrong with it comes back as problems. @throws InputError when it cannot be opened */
export async function readSourceFile(path: string): Promise<SourceFiles> {
  const file = toShownPath(path);
  const parsed = await parseFile(path, file).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`cannot read ${file} (${error.code ?? error.message})`, 'name a file that can be read');
  });
  if (parsed.ok) return { sources: parsed.documents, problems: [], files: 1 };
  return { sources: [], problems: parsed.faults.map((fault) => toProblem(file, fault)), files: 1 };
}

function toShownPath(path: string): string {
  const name = relative(process.cwd(), path);
  return name.startsWith('..') ? path : name;
}

interface Found {
  readonly path: string;
  readonly link: boolean;
}

async function listFolder(folder: string, depth = 0): Promise<Found[]> {
  if (depth > maxFolderDepth) {
    throw new InputError(`${folder} lies more than ${maxFolderDepth} folders deep`, 'use a flatter layout');
  }
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`cannot read folder ${folder} (${error.code})`, 'name a folder with registry files');
  });
  const sorted = entries.filter(({ name }) => !name.startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1));
  const nested = await Promise.all(sorted.map((entry) => listEntry(join(folder, entry.name), entry, depth)));
  return nested.flat();
}

async function listEntry(path: string, entry: Dirent, depth: number): Promise<Found[]> {
  if (entry.isSymbolicLink()) return [{ path, link: true }];
  if (entry.isDirectory()) return listFolder(path, depth + 1);
  return entry.isFile() && registryFile.test(entry.name) ? [{ path, link: false }] : [];
}

/** A link could lead out of the folder or round in a circle, and what it leads to is not under version control. */
function refuseLink(path: string): SourceFiles {
  const fault = { message: 'is a symbolic link', fix: 'put the files themselves here' };
  return { sources: [], problems: [toProblem(toShownPath(path), fault)], files: 1 };
}

async function parseFile(path: string, file: string): Promise<ParsedFile> {
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

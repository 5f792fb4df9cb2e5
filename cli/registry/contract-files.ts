import { DataContract } from '../../shared/contracts/registry/data-contract.js';
import { SchemaError, toSchemaTree } from '../../shared/domain/contract/schema-tree.js';
import { toEntryProblems } from '../../shared/domain/registry/entry-problems.js';
import type { RegistryProblem, SourceDocument } from '../../shared/domain/registry/registry-problem.js';
import { InputError } from '../errors.js';
import { note } from '../output.js';
import { toProblemCount, toProblemLines } from './problem-lines.js';
import { readSourceFile } from './source-files.js';

/** Every data contract of a file. @throws InputError when the file cannot be read or one of them cannot be used */
export async function readContracts(file: string): Promise<DataContract[]> {
  const { sources, problems } = await readSourceFile(file);
  const own = sources.filter(({ value }) => isContract(value));
  const read = own.map(readContract);
  const wrong = [...problems, ...read.flatMap((result) => (result.ok ? [] : result.problems))];
  if (wrong.length > 0) {
    for (const line of wrong.flatMap(toProblemLines)) note(line);
    throw new InputError(`${file}: ${toProblemCount(wrong)}`, 'mend the errors named above, then try again');
  }
  if (own.length === 0) {
    throw new InputError(`${file} holds no data contract`, 'name a file with "kind: DataContract"');
  }
  return read.flatMap((result) => (result.ok ? [result.contract] : []));
}

/** The one data contract of a file. @throws InputError also when there are several */
export async function readOneContract(file: string): Promise<DataContract> {
  const [first, ...others] = await readContracts(file);
  if (first !== undefined && others.length === 0) return first;
  throw new InputError(`${file} holds ${others.length + 1} data contracts`, 'put each into a file of its own');
}

function isContract(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'DataContract';
}

type ReadContract =
  | { readonly ok: true; readonly contract: DataContract }
  | { readonly ok: false; readonly problems: readonly RegistryProblem[] };

function readContract(source: SourceDocument): ReadContract {
  const parsed = DataContract.safeParse(source.value);
  if (!parsed.success) return { ok: false, problems: toEntryProblems(source, parsed.error) };
  try {
    toSchemaTree(parsed.data);
    return { ok: true, contract: parsed.data };
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    const line = source.lineOf(['schema']);
    const place = { file: source.file, ...(line !== undefined && { line }), path: 'schema' };
    const fix = 'give every member of an object its own name';
    return {
      ok: false,
      problems: [{ severity: 'error', code: 'invalid-schema', ...place, message: error.message, fix }],
    };
  }
}

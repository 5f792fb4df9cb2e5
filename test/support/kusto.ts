import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createContext, runInContext } from 'node:vm';

interface Diagnostics {
  readonly Count: number;
  getItem(index: number): { readonly Message: string; readonly Start: number };
}

interface Kusto {
  readonly GlobalState: { readonly Default: unknown };
  readonly KustoCode: { ParseAndAnalyze(query: string, globals: unknown): { GetDiagnostics(): Diagnostics } };
}

const require = createRequire(import.meta.url);

/** Microsoft's own language service for KQL. It is written for a browser: two scripts that leave a global behind. */
function loadKusto(): Kusto {
  const context = createContext({ console });
  const runtime = require.resolve('@kusto/language-service-next/bridge.js');
  const service = require.resolve('@kusto/language-service-next/Kusto.Language.Bridge.js');
  for (const file of [runtime, service]) {
    runInContext(readFileSync(file, 'utf8'), context, { filename: file });
  }
  // The package declares types for a global namespace only; these are the members used here.
  return (context as unknown as { Kusto: { Language: Kusto } }).Kusto.Language;
}

let kusto: Kusto | undefined;

/** What is wrong with a query, given the tables it may read as `name(column:type, ...)`. */
export function checkQuery(query: string, tables: Readonly<Record<string, string>>): string[] {
  kusto ??= loadKusto();
  const declared = Object.entries(tables).map(([name, columns]) => `let ${name} = datatable(${columns})[];\n`);
  const diagnostics = kusto.KustoCode.ParseAndAnalyze(
    declared.join('') + query,
    kusto.GlobalState.Default,
  ).GetDiagnostics();
  return Array.from({ length: diagnostics.Count }, (_, index) => diagnostics.getItem(index).Message);
}

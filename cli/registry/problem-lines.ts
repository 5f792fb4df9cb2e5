import type { RegistryProblem } from '../../shared/domain/registry/registry-problem.js';
import { paint, toSafeText } from '../output.js';

/** A problem in two lines: where and what, then what to do. */
export function toProblemLines(problem: RegistryProblem): string[] {
  const { severity, file, line, key, path, message, fix, code } = problem;
  const where = file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}  `;
  const mark = severity === 'error' ? paint.red('error') : paint.yellow('warning');
  const what = [key, path === '$' ? undefined : path].filter((part) => part !== undefined).join(' ');
  return [
    `${where}${mark}  ${toSafeText(`${what}${what === '' ? '' : ': '}${message}`)} ${paint.dim(`[${code}]`)}`,
    `    ${toSafeText(fix)}`,
  ];
}

/** `1 error, 2 warnings` */
export function toProblemCount(problems: readonly RegistryProblem[]): string {
  const errors = problems.filter((problem) => problem.severity === 'error').length;
  const warnings = problems.length - errors;
  const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
  return `${plural(errors, 'error')}, ${plural(warnings, 'warning')}`;
}

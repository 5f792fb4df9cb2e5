#!/usr/bin/env node
import { toReport } from './errors.js';
import { note, paintError } from './output.js';
import { createProgram } from './program.js';

try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  const { message, next, exitCode } = toReport(error);
  if (message !== '') note(`${paintError.red('error')}  ${message}`);
  if (next !== undefined) note(`       ${next}`);
  process.exitCode = exitCode;
}

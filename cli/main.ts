#!/usr/bin/env node
import { toReport } from './errors.js';
import { note, paintError } from './output.js';
import { createProgram } from './program.js';

// A reader that has seen enough (`| head`) closes the pipe; that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  const { message, next, exitCode } = toReport(error);
  if (message !== '') note(`${paintError.red('error')}  ${message}`);
  if (next !== undefined) note(`       ${next}`);
  process.exitCode = exitCode;
}

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { print } from '../output.js';
import { findPackageDir } from '../package-dir.js';
import { createEmulatorFiles } from './emulator-files.js';

// node dist/cli/emulator/main.js [registry folder]
const folder = join(findPackageDir(), 'infra/emulators');
for (const [name, text] of Object.entries(await createEmulatorFiles(process.argv[2]))) {
  await writeFile(join(folder, name), text);
  print(`wrote infra/emulators/${name}`);
}

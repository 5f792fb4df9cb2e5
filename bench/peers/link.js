import { existsSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// The build is in dist/, the packages of the peers are here: Node looks for packages from where a program lies.
const link = fileURLToPath(new URL('../../dist/bench/peers/node_modules', import.meta.url));
if (!existsSync(link)) symlinkSync(fileURLToPath(new URL('node_modules', import.meta.url)), link, 'junction');

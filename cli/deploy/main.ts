import { join } from 'node:path';
import { print } from '../output.js';
import { findPackageDir } from '../package-dir.js';
import { stageApp } from './stage-app.js';

// node dist/cli/deploy/main.js
const root = findPackageDir();
await stageApp(root, join(root, 'infra/app'));
print('staged the functions in infra/app');

/** Installs the pinned packages once; later runs find them and need no network. */

import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';

const here = new URL('.', import.meta.url).pathname;
const changedAt = (file) => statSync(`${here}${file}`, { throwIfNoEntry: false })?.mtimeMs ?? 0;

// npm writes its own copy of the lock file after a complete installation.
if (changedAt('node_modules/.package-lock.json') < changedAt('package-lock.json')) {
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: here, stdio: 'inherit' });
}

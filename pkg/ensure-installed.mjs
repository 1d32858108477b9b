// Runs `npm ci` when node_modules is missing or older than the lock file, so that `npm start` and `npm test` work on a
// fresh clone. Plain JavaScript for any Node that npm itself runs on; it prints on stderr only.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { npmCommand } from './npm.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
const stamp = join(root, 'node_modules', '.installed-from');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  process.stderr.write('Installing the packages of package-lock.json (npm ci) …\n');
  const [command, ...args] = npmCommand();
  const { status, error } = spawnSync(command, [...args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) {
    process.stderr.write(`npm ci failed${error ? `: ${error.message}` : ''}; run it by hand in ${root}\n`);
    process.exit(2);
  }
  writeFileSync(stamp, lock);
}

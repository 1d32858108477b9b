// `npm run shellcheck`: what is written for a shell, by Debian's shellcheck. A machine without it passes, and is told
// that it was not asked.
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const scripts = globSync(['src/**/*.sh', 'test/cluster/**/*.sh', 'test/cluster/bed', '.ci/run'], { cwd: root });
const { error, status } = spawnSync('shellcheck', scripts, { cwd: root, stdio: 'inherit' });
if (error === undefined) process.exitCode = status ?? 2;
else
  console.error(
    `SKIPPED: shellcheck cannot be run (${error.message}), so ${scripts.length} shell scripts were not looked at.\n` +
      '  On Debian and Ubuntu: apt-get install shellcheck',
  );

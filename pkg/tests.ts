// What `npm test` runs at last. vitest colours what goes into a file, too.
import { spawnSync } from 'node:child_process';

const colours = process.stdout.isTTY ? [] : ['--no-color'];
const { status } = spawnSync('vitest', ['run', ...colours, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exitCode = status ?? 1;

// `npm start`: the program by the Node that it is pinned to, whatever Node npm runs on. Without arguments it examines
// the bundled capture of a broken cluster. Nothing is printed here: stdout is the program's alone.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const given = process.argv.slice(2);
const args = given.length > 0 ? given : ['doctor', '--from', join('examples', 'captures', 'broken-cluster.kpr')];
const node = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');

const child = spawn(node, [join(root, 'bin', 'kubectl-kpr.ts'), ...args], {
  // Paths of arguments are those of the folder where npm was called.
  cwd: given.length > 0 ? (process.env.INIT_CWD ?? process.cwd()) : root,
  stdio: 'inherit',
  // So that the commands that it prints are those that work here.
  env: { ...process.env, KPR_NPM_START: '1' },
  shell: process.platform === 'win32',
});
// The terminal sends Ctrl-C to the whole group: the program decides what it means.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {});
child.on('error', (error) => {
  process.stderr.write(`Error: ${node} cannot be run: ${error.message}\n  npm ci installs it\n`);
  process.exitCode = 2;
});
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 2);
});

// node test/cluster/interruptions.ts: ends a run of modes.ts in all the ways in which people end one, and proves that nothing
// of its cluster is left on the machine: after Ctrl-C at once, after `kill -9` when the next `down` or `up` has run.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { Bed } from './lib/Bed.ts';

const driver = join(import.meta.dirname, 'modes.ts');
const bed = Bed.at();

interface Run {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly ended: Promise<unknown>;
}

/** A run with a process group of its own, as a terminal gives it one. */
function start(): Run {
  const child = spawn(process.execPath, [driver, 'other-release'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { child, said: () => text, ended: new Promise((resolve) => child.on('close', resolve)) };
}

async function until(run: Run, words: string): Promise<void> {
  const limit = Date.now() + 300_000;
  while (!run.said().includes(words)) {
    if (Date.now() > limit || run.child.exitCode !== null) throw new Error(`no "${words}" in: ${run.said()}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** To all of its processes, as the terminal does; SIGKILL to the driver alone. */
function end({ child }: Run, signal: 'SIGINT' | 'SIGKILL'): void {
  if (child.pid !== undefined) process.kill(signal === 'SIGINT' ? -child.pid : child.pid, signal);
}

const cases: readonly {
  readonly title: string;
  /** What the run has said when it is ended. */
  readonly at: string;
  readonly signal: 'SIGINT' | 'SIGKILL';
  /** What clears up after it; nothing: the run itself. `up`: the next case begins on what is left. */
  readonly clearedBy: 'itself' | 'down' | 'up';
}[] = [
  { title: 'Ctrl-C while nodes start', at: 'control plane is ready', signal: 'SIGINT', clearedBy: 'itself' },
  { title: 'kill -9 while Cilium is installed', at: 'nodes have registered', signal: 'SIGKILL', clearedBy: 'down' },
  { title: 'kill -9 while the cluster is up, and another run', at: 'doctor: exit', signal: 'SIGKILL', clearedBy: 'up' },
  { title: 'Ctrl-C while the cluster is up', at: 'doctor: exit', signal: 'SIGINT', clearedBy: 'itself' },
];

let failures = 0;
for (const { title, at, signal, clearedBy } of cases) {
  const run = start();
  await until(run, at);
  const started = Date.now();
  end(run, signal);
  await run.ended;
  if (clearedBy === 'up') {
    console.log(`     ${title}`);
    continue;
  }
  if (clearedBy === 'down') await bed.down();
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  const leftovers = await bed.leftovers();
  failures += leftovers.length;
  console.log(`${leftovers.length === 0 ? 'ok  ' : 'FAIL'} ${title}: nothing may be left, after ${seconds} s`);
  for (const line of leftovers) console.log(`     left over: ${line}`);
}
if (failures > 0) await bed.down();
process.exit(failures === 0 ? 0 : 1);

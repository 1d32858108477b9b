import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { Bed } from './lib/Bed.ts';

const driver = join(import.meta.dirname, 'modes.ts');

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

/**
 * Ends runs of modes.ts in all the ways in which people end one. Gives what is left of their clusters on the machine:
 * after Ctrl-C at once, after `kill -9` when the next `down` or `up` has run.
 */
export async function endRunsEarly(): Promise<readonly string[]> {
  const bed = Bed.at();
  const problems: string[] = [];
  for (const { title, at, signal, clearedBy } of cases) {
    const run = start();
    await until(run, at);
    const started = Date.now();
    end(run, signal);
    await run.ended;
    if (clearedBy === 'up') continue;
    if (clearedBy === 'down') await bed.down();
    console.log(`     ${title}: cleared after ${((Date.now() - started) / 1000).toFixed(0)} s`);
    problems.push(...(await bed.leftovers()).map((line) => `${title}: left over: ${line}`));
  }
  if (problems.length > 0) await bed.down();
  return problems;
}

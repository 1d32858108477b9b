import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Timing {
  readonly minMs: number;
  readonly medianMs: number;
  readonly maxMs: number;
  /** Peak resident memory of the slowest run's process; 0 where /proc does not tell. */
  readonly peakMb: number;
  readonly exitCode: number | null;
}

export interface Command {
  readonly name: string;
  readonly argv: readonly string[];
}

/** Times whole processes, from spawn to exit, the commands in turns so that a busy moment hits all of them alike. */
export async function measure(commands: readonly Command[], runs: number): Promise<Map<string, Timing>> {
  const all = new Map(commands.map(({ name }) => [name, [] as { ms: number; mb: number; exitCode: number | null }[]]));
  for (let i = 0; i < runs; i++) {
    for (const command of commands) all.get(command.name)?.push(await once(command.argv));
  }
  return new Map([...all].map(([name, results]) => [name, summary(results)]));
}

function summary(results: readonly { ms: number; mb: number; exitCode: number | null }[]): Timing {
  const ms = results.map((one) => one.ms).sort((a, b) => a - b);
  return {
    minMs: ms[0] ?? 0,
    medianMs: ms[Math.floor(ms.length / 2)] ?? 0,
    maxMs: ms.at(-1) ?? 0,
    peakMb: Math.max(...results.map((one) => one.mb)),
    exitCode: results[0]?.exitCode ?? null,
  };
}

async function once([command = '', ...args]: readonly string[]): Promise<{
  ms: number;
  mb: number;
  exitCode: number | null;
}> {
  const started = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  child.stdout.resume();
  let mb = 0;
  const watch = setInterval(() => {
    mb = Math.max(mb, peakOf(child.pid));
  }, 10);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  clearInterval(watch);
  return { ms: performance.now() - started, mb, exitCode };
}

function peakOf(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

export const row = (name: string, t: Timing): string =>
  `${name.padEnd(44)} ${[t.minMs, t.medianMs, t.maxMs].map((ms) => ms.toFixed(0).padStart(7)).join(' ')} ${t.peakMb.toFixed(0).padStart(8)}`;
export const heading = `${''.padEnd(44)} ${['min ms', 'median', 'max'].map((text) => text.padStart(7)).join(' ')} ${'peak MB'.padStart(8)}`;

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Timing {
  readonly minMs: number;
  readonly medianMs: number;
  readonly maxMs: number;
  /** The most resident memory that a run's process had; 0 where /proc does not tell. */
  readonly peakMb: number;
  /** Of the median run, user and system; 0 where /proc does not tell. */
  readonly cpuMs: number;
  readonly exitCode: number | null;
}

interface Run {
  readonly ms: number;
  readonly mb: number;
  readonly cpuMs: number;
  readonly exitCode: number | null;
}

export interface Command {
  readonly name: string;
  readonly argv: readonly string[];
  /** What it reads; nothing, unless given. */
  readonly stdin?: Uint8Array | undefined;
}

/** Times whole processes, from spawn to exit, the commands in turns so that a busy moment hits all of them alike. */
export async function measure(
  commands: readonly Command[],
  runs: number,
  before: () => Promise<void> = async () => {},
): Promise<Map<string, Timing>> {
  const all = new Map(commands.map(({ name }) => [name, [] as Run[]]));
  for (let i = 0; i < runs; i++) {
    for (const command of commands) {
      await before();
      all.get(command.name)?.push(await once(command));
    }
  }
  return new Map([...all].map(([name, results]) => [name, summary(results)]));
}

/** Waits until three quarters of the processors were idle for half a second; for at most `limitMs`. */
export async function quiet(limitMs: number): Promise<void> {
  const end = performance.now() + limitMs;
  while (performance.now() < end) {
    const [idle, all] = ticks();
    await sleep(500);
    const [idleNow, allNow] = ticks();
    if (idleNow - idle >= 0.75 * (allNow - all)) return;
  }
}

const ticks = (): readonly [idle: number, all: number] => {
  const fields = (/^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? '').split(' ').map(Number);
  return [(fields[3] ?? 0) + (fields[4] ?? 0), fields.slice(0, 8).reduce((sum, one) => sum + one, 0)];
};

function summary(results: readonly Run[]): Timing {
  const ms = results.map((one) => one.ms).sort((a, b) => a - b);
  return {
    minMs: ms[0] ?? 0,
    medianMs: ms[Math.floor(ms.length / 2)] ?? 0,
    maxMs: ms.at(-1) ?? 0,
    peakMb: Math.max(...results.map((one) => one.mb)),
    cpuMs: results.map((one) => one.cpuMs).sort((a, b) => a - b)[Math.floor(results.length / 2)] ?? 0,
    exitCode: results[0]?.exitCode ?? null,
  };
}

async function once({ argv: [command = '', ...args], stdin }: Command): Promise<Run> {
  const started = performance.now();
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.end(stdin);
  child.stdout.resume();
  let mb = 0;
  let cpuMs = 0;
  const watch = setInterval(() => {
    // The last counts: before it has become the program it is a copy of this process.
    mb = peakOf(child.pid) || mb;
    cpuMs = cpuOf(child.pid) || cpuMs;
  }, 10);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  clearInterval(watch);
  return { ms: performance.now() - started, mb, cpuMs, exitCode };
}

function peakOf(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** Of a second, Linux counts a hundred ticks. */
const tickMs = 10;

function cpuOf(pid: number | undefined): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) * tickMs;
  } catch {
    return 0;
  }
}

/** @param reference what the median is set in relation to */
export const row = (name: string, t: Timing, reference: Timing): string => {
  const times = [t.minMs, t.medianMs, t.maxMs].map((ms) => ms.toFixed(0).padStart(7)).join(' ');
  const ratio = reference.medianMs === 0 ? '' : `${(t.medianMs / reference.medianMs).toFixed(2)} ×`;
  const memory = t.peakMb === 0 ? '?' : t.peakMb.toFixed(0);
  return `  ${name.padEnd(24)} ${times} ${ratio.padStart(9)} ${memory.padStart(8)}   exit ${t.exitCode ?? 'by signal'}`;
};
export const heading = `  ${''.padEnd(24)} ${['min ms', 'median', 'max'].map((text) => text.padStart(7)).join(' ')} ${'ratio'.padStart(9)} ${'peak MB'.padStart(8)}`;
export const noTiming: Timing = { minMs: 0, medianMs: 0, maxMs: 0, peakMb: 0, cpuMs: 0, exitCode: null };

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { ReportDocument } from '../../src/report/ReportDocument.ts';
import { healthyOptions, type SimulatorOptions } from './options.ts';
import { type Simulator, startSimulator } from './Simulator.ts';

export interface EndedRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly simulator: Simulator;
}

export const program = join(import.meta.dirname, '../../bin/kubectl-kpr.ts');

/** The whole program in a process of its own, against a simulated cluster that lives as long as the test. */
export async function runAgainst(
  options: Partial<SimulatorOptions>,
  args: readonly string[],
  onStarted: (child: ChildProcess, simulator: Simulator) => void = () => {},
): Promise<EndedRun> {
  const simulator = await startSimulator({ ...healthyOptions, ...options });
  onTestFinished(() => simulator.close());
  const words = [program, ...args, '--kubeconfig', simulator.kubeconfig];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  onStarted(child, simulator);
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  const [exitCode] = (await once(child, 'close')) as [number | null];
  const [stdout, stderr] = await said;
  return { exitCode, stdout, stderr, simulator };
}

export const reportOf = ({ stdout, stderr }: EndedRun): ReportDocument => {
  if (stdout === '') throw new Error(`no report: ${stderr}`);
  return JSON.parse(stdout) as ReportDocument;
};

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Bed, CommandResult } from './Bed.ts';
import { outputOf } from './runShell.ts';

const program = join(import.meta.dirname, '..', '..', '..', 'bin', 'kubectl-kpr.ts');
/** Whether nodes say in little what they would say whole on so small a cluster. */
export const isInLittle = process.env['KPR_MATRIX_IN_LITTLE'] === '1';
const nodeFlags = isInLittle ? ['--import', join(import.meta.dirname, 'inLittle.ts')] : [];

/** A step of a remedy as the report prints it. */
export interface Step {
  readonly text: string;
  readonly where: 'workstation' | 'node' | 'controlPlane';
  readonly precondition?: { readonly text: string; readonly command: string };
  readonly decision?: true;
  readonly withheld?: true;
  readonly commands: readonly { readonly node?: string; readonly command: string }[];
}

export interface Finding {
  readonly code: string;
  readonly likelyCauses: readonly string[];
  readonly remedy: { readonly steps: readonly Step[] };
  readonly severity: string;
  readonly nodes: readonly string[];
  readonly objects: readonly { readonly namespace?: string; readonly name: string }[];
  readonly message: string;
}

interface CheckRow {
  readonly id: string;
  readonly result: string;
  readonly reason?: string;
}

export interface Answer {
  readonly findings: readonly Finding[];
  /** Checks that could not be made, with the reason. */
  readonly unknown: readonly string[];
  readonly exitCode: number;
  readonly seconds: number;
  readonly stderr: string;
}

/** Runs kubectl-kpr against the bed as a user would, with `-o json`. */
export async function kpr(bed: Bed, command: 'doctor' | 'verify', flags: readonly string[] = []): Promise<Answer> {
  const started = performance.now();
  const { exitCode, stdout, stderr } = await runKpr(bed, [command, '-o', 'json', ...flags]);
  const seconds = (performance.now() - started) / 1000;
  try {
    const { findings = [], checks = [] } = JSON.parse(stdout) as { findings?: Finding[]; checks?: CheckRow[] };
    const unknown = checks
      .filter(({ result }) => result === 'unknown')
      .map(({ id, reason }) => `${id}: ${reason ?? ''}`);
    return { findings, unknown, exitCode, seconds, stderr };
  } catch {
    return { findings: [], unknown: [], exitCode, seconds, stderr: `${stderr}\nno JSON: ${stdout.slice(0, 300)}` };
  }
}

export function runKpr(bed: Bed, args: readonly string[]): Promise<CommandResult> {
  const child = spawn(process.execPath, [...nodeFlags, program, ...args], {
    env: { ...process.env, KUBECONFIG: bed.kubeconfig },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return outputOf(child);
}

/** What a healthy cluster must not give: errors and warnings. */
export const serious = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ severity }) => severity !== 'info');

export const showFinding = ({ code, nodes, message }: Finding): string =>
  `${code}${nodes.length > 0 ? ` on ${nodes.join(', ')}` : ''}: ${message}`;

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { CommandResult } from './Bed.ts';

export interface Shell {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** As it would be pasted: nobody answers questions, and no command takes longer than a rollout. */
export function runShell(text: string, { cwd, env }: Shell, flags: readonly string[] = []): Promise<CommandResult> {
  const child = spawn('bash', [...flags, '-c', text], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 600_000,
  });
  return outputOf(child);
}

/** A script, which ends where a command of it fails. */
export const strict = ['-euo', 'pipefail'] as const;

/** All that a program prints until it ends. */
export async function outputOf(child: ChildProcessByStdio<null, Readable, Readable>): Promise<CommandResult> {
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const exitCode = await new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? 128)));
  return { exitCode, stdout, stderr };
}

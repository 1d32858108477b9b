import { spawn } from 'node:child_process';
import type { CommandResult } from './Bed.ts';

export interface Shell {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** As it would be pasted: nobody answers questions, and no command takes longer than a rollout. */
export async function runShell(
  text: string,
  { cwd, env }: Shell,
  flags: readonly string[] = [],
): Promise<CommandResult> {
  const child = spawn('bash', [...flags, '-c', text], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 600_000,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const exitCode = await new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? 128)));
  return { exitCode, stdout, stderr };
}

/** A script, which ends where a command of it fails. */
export const strict = ['-euo', 'pipefail'] as const;

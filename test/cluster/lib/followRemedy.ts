import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bed, CommandResult } from './Bed.ts';
import type { Finding, Step } from './kpr.ts';
import { runShell, type Shell } from './runShell.ts';
import { userShell } from './userShell.ts';

/**
 * What a person decides, by the command as it is printed: what is typed instead, with words in capitals filled in, or
 * nothing at all.
 */
export type Decisions = Readonly<Record<string, string>>;

/**
 * Does what a finding says to do, as it is printed. Steps that say that a person decides are passed over, unless the
 * decision is given. Gives what did not go as printed; empty: all of it did.
 */
export async function followRemedy(bed: Bed, finding: Finding, decisions: Decisions = {}): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'kpr-remedy-'));
  try {
    const shell = { cwd: folder, env: userShell(bed, folder) };
    const { steps } = finding.remedy;
    const done = new Set<string>();
    for (const step of steps) {
      if (step.withheld === true) return [`${finding.code} says only: ${step.text}`];
      const problems = await followStep(bed, step, shell, decisions, done);
      if (problems.length > 0) return problems.map((one) => `${finding.code}, “${step.text}”: ${one}`);
    }
    return done.size === 0 ? [`${finding.code} says nothing that can be done`] : [];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function followStep(
  bed: Bed,
  { where, precondition, decision, commands }: Step,
  shell: Shell,
  decisions: Decisions,
  done: Set<string>,
): Promise<readonly string[]> {
  const meant = commands.flatMap(({ node, command }) => {
    const decided = decisions[command];
    if (decided === undefined) return decision === true ? [] : [{ node, command }];
    return decided === '' ? [] : [{ node, command: decided }];
  });
  if (meant.length === 0) return [];
  if (precondition !== undefined) {
    const { exitCode, stdout, stderr } = await untilHeld(precondition.command, shell);
    if (exitCode !== 0) return [`it must hold first that ${precondition.text}: ${lastLines(stdout + stderr)}`];
  }
  for (const { node, command } of meant) {
    console.log(`     ${where === 'workstation' ? '$' : `${node ?? 'n1'} #`} ${command}`);
    const { exitCode, stdout, stderr } =
      where === 'workstation' ? await runShell(command, shell) : await onNode(bed, node ?? 'n1', command);
    if (exitCode !== 0) return [`${command} ends with ${exitCode}: ${lastLines(stdout + stderr)}`];
    done.add(command);
  }
  return [];
}

/** An agent that was restarted by the step before needs so long until it can be asked. */
const heldWithinMs = 150_000;

/** As a person would: what does not hold yet is tried again. */
async function untilHeld(command: string, shell: Shell): Promise<CommandResult> {
  const since = performance.now();
  for (;;) {
    const result = await runShell(command, shell);
    if (result.exitCode === 0 || performance.now() - since > heldWithinMs) return result;
    await new Promise((resolve) => setTimeout(resolve, 5000));
  }
}

const lastLines = (text: string): string => text.trim().split('\n').slice(-3).join(' | ');

async function onNode(bed: Bed, node: string, command: string): Promise<CommandResult> {
  try {
    return { exitCode: 0, stdout: await bed.node(node, 'bash', '-c', command), stderr: '' };
  } catch (error) {
    return { exitCode: 1, stdout: '', stderr: error instanceof Error ? error.message : String(error) };
  }
}

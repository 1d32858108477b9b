import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bed, CommandResult } from './Bed.ts';
import { prepareShell, replacements } from './followReadme.ts';
import { runKpr } from './kpr.ts';
import { runShell, strict } from './runShell.ts';

/** A step of a checklist as `preflight -o json` prints it. */
interface ChecklistStep {
  readonly text: string;
  readonly commands: readonly string[];
  readonly check?: string;
  readonly decision?: true;
  readonly withheld?: true;
  readonly done?: string;
}

/** What `preflight` answered. */
export interface Preflight {
  readonly exitCode: number;
  readonly verdict: string;
  readonly change: string;
  /** Codes of errors. */
  readonly errors: readonly string[];
  readonly unknown: readonly string[];
  readonly steps: readonly ChecklistStep[];
  readonly seconds: number;
  readonly stderr: string;
}

interface Printed {
  readonly verdict?: string;
  readonly change?: {
    readonly change: string;
    readonly steps: readonly ChecklistStep[];
    readonly report: {
      readonly findings: readonly { readonly code: string; readonly severity: string }[];
      readonly checks: readonly { readonly id: string; readonly unknown: readonly { readonly detail: string }[] }[];
    };
  } | null;
}

export async function preflight(bed: Bed, ...flags: string[]): Promise<Preflight> {
  const started = performance.now();
  const { exitCode, stdout, stderr } = await runKpr(bed, ['preflight', '-o', 'json', ...flags]);
  const seconds = (performance.now() - started) / 1000;
  const { verdict = '', change } = JSON.parse(stdout) as Printed;
  return {
    exitCode,
    verdict,
    change: change?.change ?? '',
    errors: (change?.report.findings ?? []).flatMap(({ code, severity }) => (severity === 'error' ? [code] : [])),
    unknown: (change?.report.checks ?? []).flatMap(({ id, unknown }) =>
      unknown.map(({ detail }) => `${id}: ${detail}`),
    ),
    steps: change?.steps ?? [],
    seconds,
    stderr,
  };
}

export interface Follower {
  /** Runs the commands of a step as they are printed, then its check; says what fails. */
  step(step: ChecklistStep): Promise<readonly string[]>;
}

/** A user who does what a checklist says, in a folder of their own. @param version whose chart `helm` finds */
export function followerOf(bed: Bed, folder: string, version: string): Follower {
  const env = prepareShell(bed, folder, version);
  const run = async (command: string): Promise<CommandResult> => {
    const replaced = replacements(version).reduce((text, { text: from, by }) => text.replaceAll(from, by), command);
    return runShell(replaced, { cwd: folder, env }, strict);
  };
  return {
    async step({ text, commands, check, decision, withheld, done }) {
      if (done !== undefined) return [];
      if (withheld === true) return [`withheld: ${text}`];
      const tried = async (command: string): Promise<readonly string[]> => {
        const { exitCode, stdout, stderr } = await run(command);
        if (exitCode === 0 || (exitCode === 1 && isDiff(command))) return [];
        const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-30);
        return [`${text}: ${command} ended with ${exitCode}:`, ...said];
      };
      for (const command of commands) {
        const wrong = await tried(command);
        if (wrong.length > 0) return wrong;
      }
      // A node’s own programs are run by whoever may log in there.
      if (decision === true && text.includes('node’s own programs')) await runScripts(bed, join(folder, 'cleanup'));
      return check === undefined ? [] : tried(check);
    },
  };
}

async function runScripts(bed: Bed, folder: string): Promise<void> {
  for (const file of readdirSync(folder)) {
    const [, node = ''] = /^cleanup-(.+)\.sh$/.exec(file) ?? [];
    const { exitCode, stdout, stderr } = await bed.run(['node', node, 'bash', '-s', '--', 'run'], {
      input: readFileSync(join(folder, file), 'utf8'),
    });
    if (exitCode !== 0) throw new Error(`${file} ended with ${exitCode}: ${stdout}${stderr}`);
  }
}

/** As of `diff`, 1 means that something differs, which is what it is to show. */
const isDiff = (command: string): boolean => command.startsWith('kubectl kpr diff ');

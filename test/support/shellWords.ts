import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a shell makes of a command: the programs that it starts, each with its words, and the files that it writes. */
export interface ShellRun {
  /** In no order of time: those of a pipe have none. */
  readonly programs: readonly (readonly string[])[];
  readonly files: readonly string[];
  readonly stderr: string;
}

/**
 * Runs commands in bash where no program is found: what would be started is written down instead, and succeeds. So the
 * words are those that the shell itself makes, behind pipes, in loops and after `&&`, too.
 */
export function shellWords(command: string): ShellRun {
  const folder = mkdtempSync(join(tmpdir(), 'kpr-shell-'));
  try {
    const { stderr } = spawnSync('/bin/bash', ['-c', `${recorder}\n${command}`], {
      cwd: folder,
      encoding: 'utf8',
      input: '',
      env: { PATH: '/nowhere', LC_ALL: 'C.UTF-8', RECORD: join(folder, '.record') },
      timeout: 10_000,
    });
    const names = readdirSync(folder).filter((name) => name !== '.record');
    return { programs: recorded(join(folder, '.record')), files: names.toSorted(), stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * NUL ends a word, two of them a program; written at once, because those on both sides of a pipe run at the same time.
 */
const recorder = String.raw`command_not_found_handle() { printf '%s\0' "$@" '' >> "$RECORD"; echo pod/x; }`;

function recorded(file: string): readonly (readonly string[])[] {
  try {
    const text = readFileSync(file, 'utf8');
    return text
      .split('\0\0')
      .slice(0, -1)
      .map((program) => program.split('\0'))
      .toSorted((a, b) => (a.join(' ') < b.join(' ') ? -1 : 1));
  } catch {
    return [];
  }
}

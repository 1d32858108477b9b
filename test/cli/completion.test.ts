import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checks } from '../../checks/index.ts';
import { candidatesFor } from '../../src/cli/candidates.ts';
import { commands } from '../../src/cli/commands/index.ts';
import { main } from '../../src/cli/main.ts';
import { shells } from '../../src/knowledge/completionScripts.ts';
import { aSnapshot } from '../core/snapshots.ts';
import { fakeIo } from '../support/fakeIo.ts';
import { fakeLoaders, readAll } from '../support/fakeLoaders.ts';

const folder = mkdtempSync(join(tmpdir(), 'kpr-completion-'));
/** A program of that name in a folder of the PATH. */
function program(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
  chmodSync(join(folder, name), 0o755);
}
program(
  'kubectl',
  `#!/bin/sh
case "$*" in
  *get-contexts*) printf 'prod-1\\nstage-1\\nprod;id\\nprod|id\\nprod$(id)\\n-prod\\n' ;;
  *services*--namespace=shop*) printf 'web\\ncart\\n' ;;
  *services*--context=prod-1*) printf 'shop/web\\nshop/cart\\nkube-system/kube-dns\\n' ;;
  *nodes*) printf 'n1\\nn2\\n' ;;
  *) exit 1 ;;
esac
`,
);
const env = { PATH: `${folder}:/usr/bin:/bin` };

async function run(...argv: string[]) {
  const io = fakeIo({ env });
  const exitCode = await main(
    argv,
    io,
    fakeLoaders(checks, readAll(), () => aSnapshot([])),
  );
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
}

const completed = async (...argv: string[]): Promise<readonly string[]> =>
  (await run('__complete', ...argv)).stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t')[0] ?? '');

describe('what can stand at the cursor', () => {
  test.each<[string[], string[]]>([
    [['do'], ['doctor', ':4']],
    [
      ['doctor', '--fail-on-'],
      ['--fail-on-new', ':4'],
    ],
    [
      ['doctor', '--fail-on', 'w'],
      ['warning', ':4'],
    ],
    [
      ['doctor', '--fail-on=w'],
      ['--fail-on=warning', ':4'],
    ],
    [
      ['doctor', '--context', ''],
      ['prod-1', 'stage-1', ':4'],
    ],
    [
      ['doctor', '--context=st'],
      ['--context=stage-1', ':4'],
    ],
    [
      ['doctor', '--node', 'n1,n'],
      ['n1,n1', 'n1,n2', ':4'],
    ],
    [
      ['doctor', '--check', 'agents-rea'],
      ['agents-ready', ':4'],
    ],
    [
      ['doctor', '--check', 'KPR1007'],
      ['KPR1007', ':4'],
    ],
    [
      ['explain', 'kpr1007'],
      ['KPR1007', ':4'],
    ],
    [
      ['trace', '--context', 'prod-1', 'shop/'],
      ['shop/web', 'shop/cart', ':4'],
    ],
    [
      ['trace', '-n', 'shop', 'w'],
      ['web', ':4'],
    ],
    [
      ['trace', '--namespace=shop', 'svc/'],
      ['svc/web', 'svc/cart', ':4'],
    ],
    [
      ['trace', '-nshop', 'svc', 'c'],
      ['cart', ':4'],
    ],
    [
      ['explain', 'agents-rea'],
      ['agents-ready', ':4'],
    ],
    [
      ['trace', 'x', '--report', 'ht'],
      ['html=', ':4'],
    ],
    [['doctor', '-n', 'x'], [':4']],
    [['doctor', '--from', ''], [':0']],
    [['diff', ''], [':0']],
    [
      ['completion', 'z'],
      ['zsh', ':4'],
    ],
  ])('%j: %j', async (argv, words) => {
    expect(await completed(...argv)).toEqual(words);
  });

  test.each([...commands.keys()])('of %s: all of its flags', (name) => {
    const said = candidatesFor([name, '--'], commands);
    const flags = Object.entries(commands.get(name)?.flags ?? {}).filter(
      ([, { isPositional }]) => isPositional !== true,
    );
    expect(said).toMatchObject({ kind: 'words', words: flags.map(([flag]) => ({ word: `--${flag}` })) });
  });
});

test.each(shells)('%s has a script that asks the program', async (shell) => {
  const { exitCode, stdout } = await run('completion', shell);
  expect(exitCode).toBe(0);
  expect(stdout).toContain('kubectl-kpr __complete');
});

/** Runs a shell with the script of completion, and a program that answers to what is asked. */
async function inShell(shell: 'bash' | 'zsh' | 'fish', asked: string): Promise<readonly string[]> {
  program(
    'kubectl-kpr',
    `#!/bin/sh
case "$*" in
  '__complete doctor --str') printf -- '--strict\\tExit with 3: when unknown\\n:4\\n' ;;
  '__complete doctor --context=arn:a') printf -- '--context=arn:aws:prod\\n:4\\n' ;;
  '__complete doctor --node ') printf 'n1\\nn2\\n:4\\n' ;;
  *) printf 'asked: %s\\n:4\\n' "$*" ;;
esac
`,
  );
  const { stdout: script } = await run('completion', shell);
  // A prompt’s completion system.
  const first = shell === 'zsh' ? 'compdef() { }' : '';
  const flags = { bash: ['--norc'], zsh: ['-f'], fish: ['--no-config'] }[shell];
  const more = { env: { ...env, HOME: folder }, encoding: 'utf8' } as const;
  const { stdout, stderr } = spawnSync(shell, [...flags, '-c', `${first}\n${script}\n${asked}`], more);
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

/** Where a shell is missing, that is said: its script was not run then. */
const missing = (shell: string): string | undefined =>
  spawnSync(shell, ['--version']).status === 0 ? undefined : `${shell} is not installed`;
const named = (shell: string): string => `${shell}${missing(shell) === undefined ? '' : ` (${missing(shell)})`}`;

const inBash = (line: string) =>
  inShell('bash', `COMP_LINE='${line}' COMP_POINT=${line.length}; _kubectl_kpr; printf '%s\\n' "\${COMPREPLY[@]}"`);

// What the functions of its completion system are handed, which exists at a prompt only.
const inZsh = (...typed: readonly string[]) =>
  inShell(
    'zsh',
    `_describe() { print -rl -- \${(P)2} }; words=(${typed.map((one) => `'${one}'`).join(' ')}); CURRENT=${typed.length}; _kubectl_kpr`,
  );

const inFish = (line: string) => inShell('fish', `complete -C '${line}'`);

describe.skipIf(missing('bash') !== undefined)(`${named('bash')} completes with it`, () => {
  test('a flag, and what follows a blank', async () => {
    expect(await inBash('kubectl-kpr doctor --str')).toEqual(['--strict']);
    expect(await inBash('kubectl-kpr doctor --node ')).toEqual(['n1', 'n2']);
  });

  test('what stands behind = and :, at which it breaks words', async () => {
    expect(await inBash('kubectl-kpr doctor --context=arn:a')).toEqual(['aws:prod']);
  });
});

describe.skipIf(missing('zsh') !== undefined)(`${named('zsh')} completes with it`, () => {
  test('a flag with what it is for, and colons in either', async () => {
    expect(await inZsh('kubectl-kpr', 'doctor', '--str')).toEqual(['--strict:Exit with 3\\: when unknown']);
    expect(await inZsh('kubectl-kpr', 'doctor', '--context=arn:a')).toEqual(['--context=arn\\:aws\\:prod']);
  });

  test('what follows a blank', async () => {
    expect(await inZsh('kubectl-kpr', 'doctor', '--node', '')).toEqual(['n1', 'n2']);
  });
});

describe.skipIf(missing('fish') !== undefined)(`${named('fish')} completes with it`, () => {
  test('a flag with what it is for, what follows a blank, and a name with colons', async () => {
    expect(await inFish('kubectl-kpr doctor --str')).toEqual(['--strict\tExit with 3: when unknown']);
    expect(await inFish('kubectl-kpr doctor --node ')).toEqual(['n1', 'n2']);
    expect(await inFish('kubectl-kpr doctor --context=arn:a')).toEqual(['--context=arn:aws:prod']);
  });
});

describe.skipIf(missing('pwsh') !== undefined)(`${named('pwsh')} completes with it`, () => {
  test('a flag', async () => {
    const { stdout: script } = await run('completion', 'powershell');
    const line = 'kubectl-kpr doctor --str';
    const asked = `${script}\n(TabExpansion2 '${line}' ${line.length}).CompletionMatches.CompletionText`;
    const { stdout } = spawnSync('pwsh', ['-NoProfile', '-Command', asked], { env, encoding: 'utf8' });
    expect(stdout.trim()).toBe('--strict');
  });
});

describe('kubectl', () => {
  test('is given a program that it asks, where kubectl-kpr lies', async () => {
    program('kubectl-kpr', '#!/bin/sh\necho "$@"\n');
    const { exitCode, stdout } = await run('completion', 'install');
    const file = join(folder, 'kubectl_complete-kpr');
    expect({ exitCode, stdout: stdout.split(':')[0] }).toEqual({ exitCode: 0, stdout: file });
    expect(statSync(file).mode & 0o777).toBe(0o755);
    expect(readFileSync(file, 'utf8')).toContain('__complete');
    expect(spawnSync(file, ['doctor', ''], { env, encoding: 'utf8' }).stdout).toBe('__complete doctor \n');
  });

  test('a folder that does not exist is said', async () => {
    const { exitCode, stderr } = await run('completion', 'install', '--dir', '/nowhere/at/all');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('/nowhere/at/all/kubectl_complete-kpr does not exist');
  });

  test('another shell is no shell', async () => {
    expect(await run('completion', 'tcsh')).toMatchObject({ exitCode: 2, stdout: '' });
  });
});

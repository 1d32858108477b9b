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
  *get-contexts*) printf 'prod-1\\nstage-1\\n' ;;
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

test('bash completes with it', async () => {
  program(
    'kubectl-kpr',
    '#!/bin/sh\n[ "$1 $2 $3" = "__complete doctor --str" ] && printf -- "--strict\\tExit\\n:4\\n"\n',
  );
  const { stdout: script } = await run('completion', 'bash');
  const asked = 'COMP_WORDS=(kubectl-kpr doctor --str) COMP_CWORD=2; _kubectl_kpr; printf "%s\\n" "${COMPREPLY[@]}"';
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', `${script}\n${asked}`], { env, encoding: 'utf8' });
  expect({ stdout, stderr }).toEqual({ stdout: '--strict\n', stderr: '' });
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

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyPatch } from 'diff';
import { describe, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import type { PreflightDocument } from '../../src/report/preflight/PreflightDocument.ts';
import { temporaryFolder } from '../collect/archive/support.ts';
import { preflightSchemaErrors } from '../report/schema.ts';
import { fakeIo } from '../support/fakeIo.ts';

async function run(...argv: readonly string[]) {
  const io = fakeIo();
  const exitCode = await main(['preflight', ...argv], io);
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
}

function fileOf(text: string): string {
  const file = join(temporaryFolder(), 'values.yaml');
  writeFileSync(file, text);
  return file;
}

async function documentOf(...argv: readonly string[]): Promise<PreflightDocument> {
  const { stdout, exitCode } = await run(...argv, '-o', 'json');
  const document = JSON.parse(stdout) as PreflightDocument;
  expect(preflightSchemaErrors(document)).toEqual([]);
  expect(exitCode).toBe(document.exitCode);
  return document;
}

const right = 'kubeProxyReplacement: true\nk8sServiceHost: api.example.net\nk8sServicePort: 6443\n';
const wrong = `${right}tunnel: vxlan # all\nbpf:\n  masquarade: true\n`;

describe('values are judged without a cluster', () => {
  test('go, no-go and not known', async () => {
    expect(await documentOf('--values', fileOf(right))).toMatchObject({ verdict: 'go', exitCode: 0 });
    expect(await documentOf('--values', fileOf(wrong))).toMatchObject({ verdict: 'noGo', exitCode: 1 });
    const open = right.replace('api.example.net', '${HOST}');
    expect(await documentOf('--values', fileOf(open))).toMatchObject({ verdict: 'unknown', exitCode: 3 });
  });

  test('each target version has an answer of its own', async () => {
    const file = fileOf('localRedirectPolicy: true\n');
    const { values } = await documentOf('-f', file, '--to-version', '1.20,v1.17.3');
    expect(values?.targets.map(({ branch, keys }) => [branch, keys.map(({ kind }) => kind)])).toEqual([
      ['1.17', []],
      // Between the two charts defaults have changed, too.
      ['1.20', ['deprecated', 'behaviour', 'behaviour', 'behaviour', 'behaviour']],
    ]);
  });

  test('what counts is what Helm would take: later files, --set, --set-string', async () => {
    const argv = ['-f', fileOf('kubeProxyReplacement: strict\n'), '-f', fileOf(right), '--set', 'bpf.masquerade=true'];
    expect(await documentOf(...argv)).toMatchObject({ verdict: 'go' });
    expect(await documentOf(...argv, '--set-string', 'hubble.enabled=true')).toMatchObject({
      verdict: 'noGo',
      values: { targets: [{ keys: [{ key: 'hubble.enabled', kind: 'wrongType', refused: true }] }] },
    });
  });

  test('people read where, what and what instead', async () => {
    const file = fileOf(wrong);
    const { stdout } = await run('--values', file, '--to-version', '1.20');
    for (const part of [
      `${file}:4:1`,
      'routingMode: tunnel, tunnelProtocol: vxlan',
      `${file}:6:3`,
      'bpf.masquerade',
      'no-go',
    ])
      expect(stdout).toContain(part);
  });
});

describe('--fix', () => {
  const fixed = wrong
    .replace('tunnel: vxlan # all', 'routingMode: tunnel # all\ntunnelProtocol: vxlan # all')
    .replace('masquarade', 'masquerade');

  test('prints a diff that patch takes, and leaves the file', async () => {
    const file = fileOf(wrong);
    const { stdout, exitCode } = await run('-f', file, '--fix');
    expect(applyPatch(wrong, stdout)).toBe(fixed);
    expect(readFileSync(file, 'utf8')).toBe(wrong);
    expect(exitCode).toBe(1);
  });

  test('with --write changes it, and then there is nothing to change', async () => {
    const file = fileOf(wrong);
    await run('-f', file, '--fix', '--write');
    expect(readFileSync(file, 'utf8')).toBe(fixed);
    expect(await run('-f', file, '--fix')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  test.each([
    ['a last line that does not end', 'hubble:\n  enabled: false\nmasquerade: false'],
    ['one that stays', 'masquerade: false\nhubble:\n  enabled: false'],
    ['lines of Windows', 'masquerade: false\r\nhubble:\r\n  enabled: false\r\n'],
    ['empty lines at the end', 'masquerade: false\n\n\n'],
  ])('%s: the diff makes of it what --write makes', async (_, text) => {
    const file = fileOf(text);
    const { stdout } = await run('-f', file, '--fix');
    expect(await run('-f', file, '--fix', '--write')).toMatchObject({
      stderr: expect.stringContaining('Written') as unknown,
    });
    const written = readFileSync(file, 'utf8');
    expect(written).toBe(text.replace('masquerade', 'enableIPv4Masquerade'));
    expect(applyPatch(text, stdout, { autoConvertLineEndings: false })).toBe(written);
  });

  test('a file that is right is not written', async () => {
    const { stderr } = await run('-f', fileOf(right), '--fix', '--write');
    expect(stderr).toBe('Nothing was written\n');
  });

  test('says what is left to a person', async () => {
    const { stderr } = await run('-f', fileOf(`${right}bgp:\n  enabled: true\n`), '--fix');
    expect(stderr).toContain('by hand: bgp');
  });
});

test.each(['', '# nothing\n', '---\n', '---\n# nothing\n...\n', 'null\n', '~', '\r\n', `${right}---\n`])(
  '%j holds what Helm takes: nothing, or the values in it',
  async (text) => {
    expect((await run('-f', fileOf(text))).exitCode).toBe(0);
  },
);

describe('what makes no sense is one sentence, and exit code 2', () => {
  const large = `a: ${'x'.repeat(5 * 1024 * 1024)}\n`;

  test.each<[string, string | undefined, readonly string[], string]>([
    ['no values', undefined, [], 'No cluster to ask'],
    [
      'no such file',
      undefined,
      ['-f', '/nowhere/values.yaml'],
      "Error: /nowhere/values.yaml can't be read: no such file or directory\n",
    ],
    ['a key twice', 'a: 1\na: 2\n', [], 'values.yaml:2:1: the key stands twice in its map'],
    ['a tab', 'a:\n\tb: 1\n', [], 'values.yaml:2:1: tabs are not allowed as indentation'],
    ['no YAML', 'a: [1\n', [], 'values.yaml:2:1:'],
    ['a list', '- a\n', [], 'holds a list, and values are a map'],
    ['a text', 'hello\n', [], 'holds a single text'],
    ['two documents', `${right}---\n${right}`, [], 'has 2 documents with values'],
    ['an empty document first', `---\n# none\n---\n${right}`, [], 'begins with an empty document'],
    ['IPv6 in brackets', 'a: [::/0]\n', [], 'values.yaml:1:5: in brackets no value begins with a colon'],
    ['5 MB', large, [], 'has more than 1024 KiB'],
    [
      'another object',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n',
      [],
      'holds no values of Cilium: ConfigMap a',
    ],
    ['a version of tomorrow', right, ['--to-version', '1.99'], 'Cilium 1.99 is not known here'],
    ['no version', right, ['--to-version', 'newest'], '--to-version newest is no version'],
    ['no NAME=VALUE', undefined, ['--set', 'a'], 'is no NAME=VALUE'],
    ['--write alone', right, ['--write'], '--write goes with --fix'],
    ['--fix and -o', right, ['--fix', '-ojson'], '--fix and -o exclude each other'],
    ['--write of standard input', undefined, ['-f', '-', '--fix', '--write'], '--write cannot change standard input'],
  ])('%s', async (_, text, flags, message) => {
    const { exitCode, stderr } = await run(...(text === undefined ? [] : ['-f', fileOf(text)]), ...flags);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^Error: .+\n {2}.+\n$/);
  });
});

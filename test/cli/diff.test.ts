import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyPatch, parsePatch } from 'diff';
import { describe, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import type { RawDocument, RawNode } from '../../src/model/raw.ts';
import type { DiffDocument } from '../../src/report/diff/DiffDocument.ts';
import { temporaryFolder } from '../collect/archive/support.ts';
import { diffSchemaErrors, schemaErrors } from '../report/schema.ts';
import { type CaptureEdits, isNotKubeProxys, withAnswer, withRules, writeEdited } from '../support/editedCapture.ts';
import { fakeIo, type FakeIo } from '../support/fakeIo.ts';

async function run(argv: readonly string[], io: FakeIo = fakeIo()) {
  const exitCode = await main(['diff', ...argv], io);
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
}

async function captures(edits: CaptureEdits = {}, first: CaptureEdits = {}): Promise<[before: string, after: string]> {
  const folder = temporaryFolder();
  const before = await writeEdited(join(folder, 'before.kpr'), { takenAt: '2026-11-21T10:00:00Z', ...first });
  const after = await writeEdited(join(folder, 'after.kpr'), { takenAt: '2026-11-21T11:00:00Z', ...edits });
  return [before, after];
}

async function documentOf(files: readonly string[], ...flags: string[]): Promise<DiffDocument> {
  const { stdout, exitCode } = await run([...files, ...flags, '-o', 'json']);
  const document = JSON.parse(stdout) as DiffDocument;
  expect(diffSchemaErrors(document)).toEqual([]);
  expect(exitCode).toBe(document.exitCode);
  return document;
}

const cleaned = { node: (node: RawNode) => withRules(node, isNotKubeProxys) };
const sshRule = '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT';
const withSsh = (node: RawNode): RawNode =>
  withAnswer(node, 'iptablesNft', (text) => text.replace(/^\[\d+:\d+\] -A INPUT/m, `[0:0] ${sshRule}\n$&`));

const noLegacy = (node: RawNode): RawNode => ({
  ...node,
  answers: { ...node.answers, iptablesLegacy: { missing: 'timeout', detail: 'no answer within 10 s' } },
});

describe('exit codes are kubectl diff’s', () => {
  test('0: the same', async () => {
    const files = await captures();
    const { stdout, exitCode } = await run(files);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/exit 0: the same on 2 nodes/);
    expect(await documentOf(files)).toMatchObject({
      verdict: 'same',
      iptables: [],
      services: [],
      objects: [],
      unknown: [],
    });
  });

  test('1: different', async () => {
    expect((await run(await captures(cleaned))).exitCode).toBe(1);
  });

  test('3: nothing differs, but something was not read', async () => {
    const files = await captures({ node: (node) => (node.name === 'n2' ? noLegacy(node) : node) });
    const { stdout, exitCode } = await run(files);
    expect(exitCode).toBe(3);
    expect(stdout).toContain('unknown on n2: iptables-legacy-save, not read after: no answer within 10 s');
    const document = await documentOf(files);
    expect(document.iptables).toEqual([]);
    expect(document.unknown).toMatchObject([{ nodes: ['n2'], side: 'after', reason: 'timeout', harmless: false }]);
  });

  test.each([
    ['no capture', (): string[] => [], 'needs a capture'],
    ['no such file', (): string[] => ['/nowhere/x.kpr'], 'There is no file'],
    ['garbage', (): string[] => [writeIn('x.kpr', Buffer.from('\u0000\u0001 rubbish'))], 'is no archive'],
    ['an empty file', (): string[] => [writeIn('x.kpr', Buffer.alloc(0))], 'is empty'],
    ['--live and two captures', (): string[] => ['a.kpr', 'b.kpr', '--live'], 'exclude each other'],
    ['lines that are no number', (): string[] => ['a.kpr', '-U', 'many'], 'is no number of lines'],
    ['JSON as a unified diff', (): string[] => ['a.kpr', '-U3', '-o', 'json'], 'exclude each other'],
  ])('2: %s', async (_, argv, message) => {
    const { exitCode, stderr } = await run(argv());
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr.split('\n')[0]).toMatch(/^Error: /);
  });

  test('2: a capture that was cut, in JSON as well', async () => {
    const [before, after] = await captures();
    const { readFileSync } = await import('node:fs');
    const whole = readFileSync(after);
    const cut = writeIn('cut.kpr', whole.subarray(0, Math.floor(whole.length * 0.7)));
    const { exitCode, stdout, stderr } = await run([before, cut, '-o', 'json']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('is damaged or incomplete');
    expect(schemaErrors(JSON.parse(stdout))).toEqual([]);
  });
});

function writeIn(name: string, content: Uint8Array): string {
  const file = join(temporaryFolder(), name);
  writeFileSync(file, content);
  return file;
}

const withUids = (change: (uid: string) => string, names: (name: string) => string = (name) => name): CaptureEdits => ({
  documents: (documents) =>
    Object.assign(
      JSON.parse(
        JSON.stringify(documents)
          .replaceAll(/"uid":"([^"]+)"/g, (_, uid: string) => `"uid":"${change(uid)}"`)
          .replaceAll(/"(n[12])"/g, (_, name: string) => `"${names(name)}"`),
      ) as object,
    ) as never,
});

describe('two captures that are no before and after', () => {
  test('in the wrong order are refused, unless that is wanted', async () => {
    const [before, after] = await captures(cleaned);
    const { exitCode, stdout, stderr } = await run([after, before]);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('was taken after the other');
    const document = await documentOf([after, before], '--allow-mismatch');
    expect(document).toMatchObject({ exitCode: 1, objections: [{ kind: 'swapped' }] });
    expect(document.summary.kubeProxy.addedOn).toEqual(['n1', 'n2']);
  });

  test('of two clusters are refused, unless that is wanted', async () => {
    const files = await captures(withUids((uid) => uid.replaceAll(/[0-9]/g, 'a')));
    const { exitCode, stderr } = await run(files);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('different clusters');
    expect(await documentOf(files, '--allow-mismatch')).toMatchObject({ objections: [{ kind: 'otherCluster' }] });
  });

  test('whose Service kubernetes was made anew are still of one cluster', async () => {
    const files = await captures({
      documents: (documents) => {
        const { services } = documents;
        if ('missing' in services) return documents;
        const text = JSON.stringify(services.value).replace(
          /("name":"kubernetes"[^}]*?"uid":")[^"]+/,
          '$1aaaaaaaa-0000-4000-8000-000000000000',
        );
        expect(text).toContain('aaaaaaaa-0000');
        return { ...documents, services: { ...services, value: JSON.parse(text) as unknown } };
      },
    });
    expect((await run(files)).exitCode).toBe(0);
  });
});

describe('kube-proxy’s rules are gone', () => {
  test('and that is said first, everybody else’s next', async () => {
    const { stdout } = await run(await captures(cleaned), fakeIo({ stdout: 80, env: { NO_COLOR: '1' } }));
    const lines = stdout.split('\n');
    const first = lines.findIndex((line) => line.startsWith('kube-proxy rules:'));
    expect(lines[first]).toMatch(/^kube-proxy rules: gone on 2 of 2 nodes \(\d+ rules, \d+ chains\)$/);
    expect(lines[first + 1]).toMatch(/^others’ rules: {4}unchanged \(\d+ rules/);
    expect(stdout).not.toContain('✖');
    expect(stdout).not.toMatch(/KUBE-(SVC|SEP)-/);
    expect(stdout).toMatch(/^ {2}kube-system\/kube-dns:dns: \d+ chains, \d+ rules removed$/m);
    // What can be broken, is: lines of people’s own words end at 80 columns.
    for (const line of lines) if (line.includes(' ')) expect(line.length).toBeLessThanOrEqual(100);
  });

  test('the counts are those of the dumps', async () => {
    const files = await captures(cleaned);
    const { summary, unexpected, iptables } = await documentOf(files);
    expect(summary.kubeProxy.removedOn).toEqual(['n1', 'n2']);
    expect(unexpected).toEqual([]);
    const lines = iptables
      .flatMap(({ removed, nodes }) => removed.map(() => nodes.length))
      .reduce((sum, n) => sum + n, 0);
    expect(summary.kubeProxy.rules).toEqual({ removed: lines, added: 0, changed: 0, same: 0 });
    expect(summary.others.rules).toMatchObject({ removed: 0, added: 0, changed: 0 });
    expect(summary.cilium.rules).toMatchObject({ removed: 0, added: 0, changed: 0 });
  });

  test('what is equal on both nodes stands there once', async () => {
    const { iptables } = await documentOf(await captures(cleaned));
    const portals = iptables.filter(
      ({ chain, family, table }) => chain === 'KUBE-SERVICES' && family === 'ipv4' && table === 'nat',
    );
    expect(portals).toMatchObject([{ nodes: ['n1', 'n2'], change: 'removed' }]);
  });

  test('--node looks at no other', async () => {
    const { nodes, iptables } = await documentOf(await captures(cleaned), '--node', 'n2');
    expect(nodes.compared).toEqual(['n2']);
    expect(new Set(iptables.flatMap((one) => one.nodes))).toEqual(new Set(['n2']));
  });

  test('-n shows the Services of one namespace only', async () => {
    const { kubeProxyServices, summary } = await documentOf(await captures(cleaned), '-n', 'kube-system');
    expect(new Set(kubeProxyServices.map(({ service }) => service.split('/')[0]))).toEqual(new Set(['kube-system']));
    expect(summary.services.total).toBe(1);
  });
});

describe('what must not have changed', () => {
  test('is shown above all else, with its rule', async () => {
    const files = await captures(cleaned, { node: (node) => (node.name === 'n2' ? withSsh(node) : node) });
    const { stdout } = await run(files);
    expect(stdout).toContain('✖ Changed, although removing kube-proxy is no reason for it');
    expect(stdout).toContain(`- ${sshRule}`);
    expect(stdout.indexOf(sshRule)).toBeLessThan(stdout.indexOf('kube-system/kube-dns'));
    expect(stdout).toMatch(/^exit 1: 1 chain that should not have changed;/m);
    const { unexpected, summary } = await documentOf(files);
    expect(unexpected).toMatchObject([
      { nodes: ['n2'], table: 'filter', chain: 'INPUT', owner: 'unknown', removed: [sshRule] },
    ]);
    expect(summary.others.changedOn).toEqual(['n2']);
  });

  test('kubelet’s chains are not kube-proxy’s', async () => {
    const { unexpected } = await documentOf(
      await captures({ node: (node) => withRules(node, (line) => !line.includes('KUBE-')) }),
    );
    expect(new Set(unexpected.map(({ owner }) => owner))).toEqual(new Set(['kubelet']));
    expect(unexpected.map(({ chain }) => chain)).toContain('KUBE-IPTABLES-HINT');
  });
});

const patchOf = async (files: readonly string[], ...flags: string[]): Promise<string> =>
  (await run([...files, ...flags])).stdout;

describe('a unified diff', () => {
  test('turns each node’s rules before into those after', async () => {
    const files = await captures(cleaned);
    const patches = parsePatch(await patchOf(files, '-U', '3'));
    expect(patches.map(({ oldFileName }) => oldFileName)).toContain('before/n1/iptables-nft-save');
    const whole = parsePatch(await patchOf(files, '-U', '1000000'));
    for (const [i, patch] of patches.entries()) {
      const all = whole[i]?.hunks.flatMap(({ lines }) => lines) ?? [];
      const text = (without: string): string =>
        all
          .filter((line) => !line.startsWith(without))
          .map((line) => `${line.slice(1)}\n`)
          .join('');
      expect(applyPatch(text('+'), patch)).toBe(text('-'));
    }
  });

  test('has counters and times nowhere', async () => {
    const patch = await patchOf(await captures(cleaned), '-U1');
    expect(patch).toContain('-:KUBE-SERVICES - [0:0]');
    expect(patch).not.toMatch(/^[-+ ]\[\d/m);
    expect(patch).not.toMatch(/^[-+ ]#/m);
  });

  test('of equal rules is empty, and colour is for terminals', async () => {
    expect(await patchOf(await captures(), '-U3')).toBe('');
    const files = await captures(cleaned);
    expect((await run([...files, '-U3'], fakeIo({ stdout: 80 }))).stdout).toContain('\u001b[31m-');
    expect(await patchOf(files, '-U3')).not.toContain('\u001b');
  });
});

/**
 * A backend of cluster DNS by UDP at an address that no endpoint has, in the maps as they lie in the kernel or
 * as they are listed.
 */
const edit = (node: RawNode): RawNode => {
  if (node.name !== 'n2') return node;
  return node.answers.lbDump === undefined
    ? withAnswer(node, 'lbList', (text) => text.replaceAll(/10\.244\.\d+\.\d+:53\/UDP/g, '10.244.9.9:53/UDP'))
    : withAnswer(node, 'lbDump', (text) => text.replaceAll(/value:(?:0..){4}(?=000035011)/g, 'value:00a0f4009009'));
};

const off = (node: RawNode): RawNode =>
  withAnswer(node, 'status', (text) => text.replace(/"mode":\s*"True"/, '"mode":"False"'));

/** Of a list of objects, those that have nothing to do with Cilium. */
const withoutAgents = (document: RawDocument): RawDocument =>
  'missing' in document || !Array.isArray(document.value)
    ? document
    : { ...document, value: document.value.filter((one) => !JSON.stringify(one).includes('cilium')) };

describe('what Services reach', () => {
  test('a backend that changed is named, and that the API did not ask for it', async () => {
    const files = await captures({ node: edit });
    const { services, summary } = await documentOf(files);
    expect(services).toMatchObject([
      { nodes: ['n2'], service: 'kube-system/kube-dns', change: 'changed', changedInApi: false },
    ]);
    expect(summary.services).toMatchObject({ changed: 1, before: ['ebpf'], after: ['ebpf'] });
    expect((await run(files)).stdout).toContain(
      'kube-system/kube-dns: 1 frontend changed on n2 although the API did not change',
    );
  });

  test('from kube-proxy alone to Cilium: what its pods said counts', async () => {
    const alone: CaptureEdits = {
      documents: (all) => ({
        ...all,
        daemonSets: withoutAgents(all.daemonSets),
        systemPods: withoutAgents(all.systemPods),
      }),
      node: ({ name, answers }) => ({
        name,
        answers: {
          ...(answers.iptablesNft && { proxyIptables: answers.iptablesNft }),
          ...(answers.ip6tablesNft && { proxyIp6tables: answers.ip6tablesNft }),
        },
      }),
    };
    const { summary, unknown, nodes } = await documentOf(await captures(cleaned, alone));
    expect(nodes.compared).toEqual(['n1', 'n2']);
    expect(summary.kubeProxy.removedOn).toEqual(['n1', 'n2']);
    expect(summary.services).toMatchObject({ before: ['kubeProxy'], after: ['ebpf'] });
    expect(unknown.map(({ what, side }) => `${what} ${side}`)).toContain('iptables-legacy-save before');
  });

  test('from kube-proxy to eBPF', async () => {
    const files = await captures(cleaned, { node: off });
    const { summary } = await documentOf(files);
    expect(summary.services.before).toContain('kubeProxy');
    expect(summary.services.after).toEqual(['ebpf']);
  });
});

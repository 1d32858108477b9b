import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import type { PreflightDocument } from '../../src/report/preflight/PreflightDocument.ts';
import { temporaryFolder } from '../collect/archive/support.ts';
import { preflightSchemaErrors } from '../report/schema.ts';
import { fakeIo } from '../support/fakeIo.ts';

const folder = join(import.meta.dirname, '../fixtures/recordings');
const recorded = (name: string): readonly string[] => ['--from', join(folder, `${name}.kpr`)];

async function run(...argv: readonly string[]) {
  const io = fakeIo();
  const exitCode = await main(['preflight', ...argv], io);
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
}

async function documentOf(...argv: readonly string[]): Promise<PreflightDocument> {
  const { stdout, exitCode } = await run(...argv, '-o', 'json');
  const document = JSON.parse(stdout) as PreflightDocument;
  expect(preflightSchemaErrors(document)).toEqual([]);
  expect(exitCode).toBe(document.exitCode);
  return document;
}

function fileOf(text: string): string {
  const file = join(temporaryFolder(), 'values.yaml');
  writeFileSync(file, text);
  return file;
}

/** How long a run took, where it was started, and how many checks there are, is no matter here. */
function steady(text: string): string {
  const own = text
    .replaceAll(/\d+\.\d s(?=\s)/g, 'N s')
    .replaceAll(/\d+ of \d+ checks passed, \d+ had nothing/g, 'N of N checks passed, N had nothing')
    .replaceAll(/^- \[x\] [A-Z].*\n/gm, '')
    .replaceAll(`${folder}/`, '');
  if (!own.startsWith('{')) return own;
  const { change, ...document } = JSON.parse(own) as PreflightDocument;
  const { report, ...about } = change ?? expect.fail('no change');
  const findings = report.findings.map(({ code, severity }) => `${severity} ${code}`);
  return `${JSON.stringify({ ...document, durationMs: 0, tool: {}, change: { ...about, report: findings } }, undefined, 2)}\n`;
}

const scenes: readonly (readonly [string, readonly string[], number])[] = [
  ['remove-kube-proxy', recorded('kube-proxy-iptables'), 1],
  ['upgrade', [...recorded('healthy-1.18'), '--to-version', '1.19'], 0],
  ['rollback', [...recorded('healthy-1.19'), '--change', 'rollback'], 0],
];

describe.each(scenes)('%s, as people and programs read it', (name, argv, code) => {
  test.each(['table', 'markdown', 'json'])('-o %s', async (format) => {
    const { stdout, exitCode } = await run(...argv, '-o', format);
    expect(exitCode).toBe(code);
    await expect(steady(stdout)).toMatchFileSnapshot(`golden/preflight-${name}.${format}.golden`);
  });
});

describe('with a capture from before', () => {
  const before = ['--against', join(folder, 'kube-proxy-iptables.kpr')];

  test('kube-proxy may go, and every step has its commands', async () => {
    const { verdict, change } = await documentOf(...recorded('kube-proxy-iptables'), ...before);
    expect(verdict).toBe('go');
    expect(change?.steps.filter(({ withheld }) => withheld)).toEqual([]);
    expect(change?.report.against).toBeDefined();
  });

  test('of another cluster it proves nothing', async () => {
    const { exitCode, stderr } = await run(...recorded('kube-proxy-nftables'), ...before);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^Error: .*another cluster.*\n {2}.+\n$/);
  });
});

describe('values are judged for the cluster', () => {
  const upgrade = [...recorded('healthy-1.18'), '--change', 'upgrade', '--to-version', '1.19'];
  const good = 'kubeProxyReplacement: true\nk8sServiceHost: 172.30.0.1\nk8sServicePort: 6443\n';

  test('and stand in Helm’s commands', async () => {
    const file = fileOf(good);
    const { change, verdict } = await documentOf(...upgrade, '-f', file, '--set', 'bpf.masquerade=true');
    expect(verdict).toBe('go');
    const [helm] =
      change?.steps.flatMap(({ commands }) => commands.filter((one) => one.startsWith('helm upgrade'))) ?? [];
    expect(helm).toContain(`--version 1.19.7 -f ${file} --set bpf.masquerade=true --set updateStrategy.type=OnDelete`);
    expect(helm).not.toContain('reuse-values');
  });

  test('those that are no-go leave the steps without commands', async () => {
    const { verdict, change, values } = await documentOf(...upgrade, '-f', fileOf(`${good}tunnel: vxlan\n`));
    expect(verdict).toBe('noGo');
    expect(values?.targets.map(({ branch }) => branch)).toEqual(['1.19']);
    expect(change?.steps.filter(({ risk }) => risk !== undefined)).toEqual([]);
    expect(change?.steps.some(({ withheld }) => withheld)).toBe(true);
  });

  test('the version that runs already is said to', async () => {
    const { stdout } = await run(...recorded('healthy-1.20'), '--change', 'upgrade', '--to-version', '1.20.2');
    expect(stdout).toContain('agent by agent, to 1.20.2, which runs already\n');
    expect((await run(...upgrade)).stdout).toContain('agent by agent, to 1.19.7\n');
  });

  test('and stand before the checklist, which ends with what is missing in it', async () => {
    const { stdout } = await run(...upgrade, '-f', fileOf(`${good}tunnel: vxlan\n`));
    const places = ['Cilium 1.19 (chart', 'Checklist', 'until what speaks against it is put right'].map((text) =>
      stdout.indexOf(text),
    );
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  test('the Service kubernetes is that of this cluster, and no usual one of others', async () => {
    const service = await documentOf(...upgrade, '-f', fileOf(good.replace('172.30.0.1', '10.96.0.1')));
    expect(service.verdict).toBe('noGo');
    const { stdout } = await run(...upgrade, '-f', fileOf(good.replace('172.30.0.1', '10.96.0.1')));
    expect(stdout).toContain('no-go: the Helm values');
  });

  test('defaults that change from the running version on are told', async () => {
    const { values } = await documentOf(...upgrade, '-f', fileOf(good));
    expect(values?.targets[0]?.keys.filter(({ code }) => code === 'KPR7004').map(({ key }) => key)).toContain(
      'authentication.enabled',
    );
  });

  test('without any, cilium-config is', async () => {
    const { values } = await documentOf(...upgrade);
    expect(values?.sources).toEqual([{ file: 'ConfigMap kube-system/cilium-config', within: null }]);
    expect(values?.notRead).toHaveLength(1);
  });
});

describe('what makes no sense is one sentence, and exit code 2', () => {
  test.each<[string, readonly string[], string]>([
    [
      'a version that is older than what runs',
      [...recorded('healthy-1.20'), '--to-version', '1.19'],
      'Cilium 1.20.2 runs, and 1.19.7 is older',
    ],
    [
      'a minor version that is skipped',
      [...recorded('healthy-1.18'), '--to-version', '1.20'],
      'Cilium 1.18.11 runs, and the step to 1.20.2 skips 1.19: only from one minor version to the next is an upgrade tried\n  That step first: kubectl kpr preflight --change upgrade --to-version 1.19',
    ],
    ['an upgrade to nowhere', [...recorded('healthy-1.19'), '--change', 'upgrade'], 'needs the version to go to'],
    [
      'a version for another change',
      [...recorded('healthy-1.19'), '--change', 'rollback', '--to-version', '1.20'],
      '--to-version has a meaning for an upgrade only',
    ],
    ['two versions', [...recorded('healthy-1.18'), '--to-version', '1.19,1.20'], 'one version at a time'],
    ['no next step', recorded('healthy-1.19'), 'there is no next step'],
    ['a Secret of an archive', [...recorded('healthy-1.19'), '--release-values'], '--from does not'],
    ['two kinds of values', ['--set', 'a=1', '--release-values'], 'exclude each other'],
    ['no such change', ['--change', 'disable'], '--change'],
    ['a change of a capture that is none', ['--from', '/nowhere.kpr', '--change', 'enable'], '/nowhere.kpr'],
  ])('%s', async (_, argv, message) => {
    const { exitCode, stderr, stdout } = await run(...argv);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^Error: .+\n {2}.+\n$/);
  });
});

test('a ticket has no command without what must hold before it', async () => {
  const broken = [
    '--from',
    join(import.meta.dirname, '../../examples/captures/broken-cluster.kpr'),
    '--change',
    'rollback',
  ];
  const { report } = (await documentOf(...broken)).change ?? expect.fail();
  const { stdout } = await run(...broken, '-o', 'markdown');
  const conditions = report.findings.flatMap(({ remedy }) =>
    remedy.steps.flatMap(({ precondition }) => precondition ?? []),
  );
  expect(conditions.length).toBeGreaterThan(0);
  for (const { command } of conditions) expect(stdout).toContain(`${command} && `);
});

import type { RawCapture } from '../../../support/RawCapture.ts';
import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { main } from '../../../../src/cli/main.ts';
import { openArchive } from '../../../../src/collect/archive/openArchive.ts';
import { publicWords } from '../../../../src/knowledge/publicNames.ts';
import type { RawDocuments, RawNode } from '../../../../src/model/raw.ts';
import type { DiffDocument } from '../../../../src/report/diff/DiffDocument.ts';
import type { ReportDocument } from '../../../../src/report/ReportDocument.ts';
import { fakeIo } from '../../../support/fakeIo.ts';
import { isNotKubeProxys, withAnswer, withRules, writeEdited } from '../../../support/editedCapture.ts';
import { collect, sysdump, temporaryFolder, writeFolder } from '../support.ts';

const root = join(import.meta.dirname, '../../../..');
const captures = [
  'examples/captures/broken-cluster.kpr',
  ...readdirSync(join(root, 'test/fixtures/recordings'))
    .filter((name) => name.endsWith('.kpr') || /^healthy.*\.zip$/.test(name))
    .map((name) => `test/fixtures/recordings/${name}`),
];

async function run(argv: readonly string[], env: Record<string, string> = {}) {
  const io = fakeIo({ env });
  const exitCode = await main(argv, io);
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
}

async function redacted(from: string, ...flags: string[]): Promise<string> {
  const file = join(temporaryFolder(), 'redacted.kpr');
  const { exitCode, stderr } = await run(['capture', '--from', from, '-o', file, '--redact', ...flags]);
  expect([exitCode, stderr]).toEqual([0, '']);
  return file;
}

const read = async (file: string): Promise<RawCapture> => collect(await openArchive(file));

/** All that a capture holds, manifest included. */
const everythingIn = (capture: RawCapture): string =>
  JSON.stringify({ ...capture, origin: { ...capture.origin, file: '' } });

/** Names of objects, labels and machines that are somebody's own. */
function namesIn({ documents }: { documents: RawDocuments }): ReadonlySet<string> {
  const names = new Set<string>();
  const walk = (value: unknown, key: string): void => {
    if (Array.isArray(value)) for (const one of value) walk(one, key);
    else if (typeof value === 'object' && value !== null) {
      for (const [field, one] of Object.entries(value)) walk(one, key === 'labels' ? 'label' : field);
    } else if (typeof value === 'string' && ['name', 'namespace', 'nodeName', 'label', 'hostname'].includes(key))
      names.add(value);
  };
  for (const document of Object.values(documents)) if (!('missing' in document)) walk(document.value, '');
  return new Set(
    [...names].filter(
      (name) =>
        name.length > 1 &&
        !publicWords.has(name.toLowerCase()) &&
        /^[a-z0-9][a-z0-9.-]*$/.test(name) &&
        /[a-z]/.test(name) &&
        !/^v?\d/.test(name),
    ),
  );
}

/** Words of Kubernetes and Cilium that stand in texts of programs and are labels or containers here, too. */
const alsoWords = /^(cilium|kube|helm|k8s|kubernetes|discovery|apps)\b|endpointslice|\.k8s\.io$/;

const shape = async (command: 'doctor' | 'verify', file: string): Promise<unknown> => {
  const { stdout, exitCode } = await run([command, '--from', file, '-o', 'json']);
  const { findings, checks, coverage, verdict } = JSON.parse(stdout) as ReportDocument;
  return {
    verdict,
    exitCode,
    findings: findings
      .map(({ code, variant, nodes, objects, severity }) =>
        [code, variant, severity, nodes.length, objects.length].join(' '),
      )
      .sort(),
    checks: checks.map(({ id, result, unknown }) => [id, result, unknown.length].join(' ')),
    nodes: [coverage.nodes.total, coverage.nodes.read],
    frontends: coverage.frontends && {
      ...coverage.frontends,
      // Nodes stand in the order of their names, which are others.
      byNode: coverage.frontends?.byNode.map(({ total, verified }) => `${verified}/${total}`).sort(),
    },
  };
};

describe.each(captures)('%s, redacted', (name) => {
  const file = join(root, name);
  test('gives the same findings on as many nodes', async () => {
    const other = await redacted(file);
    for (const command of ['doctor', 'verify'] as const)
      expect(await shape(command, other)).toEqual(await shape(command, file));
  });

  test('holds no name of the original', async () => {
    const original = await read(file);
    const text = everythingIn(await read(await redacted(file)));
    const names = [...namesIn(original)].filter((one) => !alsoWords.test(one));
    expect(names).toContain('n1');
    expect(names.length).toBeGreaterThan(8);
    const found = names.filter((one) =>
      new RegExp(`(?<![\\w\\\\-])${one.replaceAll('.', String.raw`\.`)}(?![\\w-])`).test(text),
    );
    expect(found).toEqual([]);
    expect(everythingIn(original)).toMatch(/\bhttpd\b/);
  });

  test('redacted again with another key, is another, and says the same', async () => {
    const once = await redacted(file);
    const key = join(temporaryFolder(), 'key');
    writeFileSync(key, 'a key of more than sixteen characters\n');
    const twice = await redacted(once, '--redact-key', key);
    const pseudonyms = new Set(everythingIn(await read(once)).match(/\bx[0-9a-f]{9}\b/g));
    const text = everythingIn(await read(twice));
    expect([...pseudonyms].filter((one) => text.includes(one))).toEqual([]);
    expect(await shape('doctor', twice)).toEqual(await shape('doctor', file));
  });
});

const cleaned = (node: RawNode): RawNode => withRules(node, isNotKubeProxys);

const diffOf = async (before: string, after: string): Promise<DiffDocument> =>
  JSON.parse((await run(['diff', before, after, '-o', 'json'])).stdout) as DiffDocument;

describe('two captures of one cluster, redacted by themselves', () => {
  test('differ as the originals do', async () => {
    const folder = temporaryFolder();
    const before = await writeEdited(join(folder, 'before.kpr'), { takenAt: '2026-11-21T10:00:00Z' });
    const after = await writeEdited(join(folder, 'after.kpr'), { takenAt: '2026-11-21T11:00:00Z', node: cleaned });
    const [plain, other] = [await diffOf(before, after), await diffOf(await redacted(before), await redacted(after))];
    expect(other.summary.kubeProxy.rules).toEqual(plain.summary.kubeProxy.rules);
    expect(other.summary.kubeProxy.removedOn).toHaveLength(2);
    expect(other.summary.others).toMatchObject({ rules: plain.summary.others.rules, changedOn: [] });
    expect(other.summary.services).toEqual(plain.summary.services);
    expect(other.kubeProxyServices.map(({ rules, chains }) => JSON.stringify([rules, chains])).sort()).toEqual(
      plain.kubeProxyServices.map(({ rules, chains }) => JSON.stringify([rules, chains])).sort(),
    );
    expect(JSON.stringify(other)).not.toContain('httpd');
  });

  test('with two keys are of two clusters, as far as anybody can see', async () => {
    const folder = temporaryFolder();
    const before = await writeEdited(join(folder, 'before.kpr'));
    const file = join(folder, 'other.kpr');
    await run(['capture', '--from', before, '-o', file, '--redact'], {
      KPR_REDACT_KEY: 'a key of more than sixteen characters',
    });
    const { exitCode, stderr } = await run(['diff', await redacted(before), file]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('different clusters');
    expect(stderr).toContain('or they were redacted with two keys');
  });
});

describe('that a capture is redacted', () => {
  const plain = join(root, 'examples/captures/broken-cluster.kpr');
  test('stands in it, and goes on into what is captured from it; a sysdump is marked, too', async () => {
    expect((await read(plain)).origin).not.toHaveProperty('redacted');
    const once = await redacted(plain);
    expect((await read(once)).origin).toMatchObject({ kind: 'capture', redacted: true });
    const again = join(temporaryFolder(), 'again.kpr');
    await run(['capture', '--from', once, '-o', again]);
    expect((await read(again)).origin).toMatchObject({ redacted: true });
    const sysdump = captures.find((name) => name.endsWith('.zip')) ?? expect.fail('no sysdump');
    expect((await read(await redacted(join(root, sysdump)))).origin).toMatchObject({ redacted: true });
  });

  test('and the other is not, is said by diff', async () => {
    for (const [files, which] of [
      [[await redacted(plain), plain], 'before'],
      [[plain, await redacted(plain)], 'after'],
    ] as const) {
      const { exitCode, stdout, stderr } = await run(['diff', ...files]);
      expect([exitCode, stdout]).toEqual([2, '']);
      expect(stderr).toContain(`Only what is given as ${which} is redacted`);
      expect(stderr).not.toContain('different clusters');
      const all = await run(['diff', ...files, '--allow-mismatch', '-o', 'json']);
      expect(JSON.parse(all.stdout)).toMatchObject({ objections: [{ kind: 'redacted' }] });
    }
  });

  test('makes cleanup give no script', async () => {
    const { exitCode, stdout, stderr } = await run(['cleanup', '--trust-archive', '--from', await redacted(plain)]);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^Error: .* is redacted: a script would be/);
  });
});

const edited =
  (name: keyof RawDocuments, change: (text: string) => string) =>
  (all: RawDocuments): RawDocuments => {
    const document = all[name];
    if ('missing' in document) throw new Error(`${name} was not recorded`);
    return { ...all, [name]: { ...document, value: JSON.parse(change(JSON.stringify(document.value))) as unknown } };
  };

const asked = (node: RawNode): RawNode => ({
  ...node,
  answers: Object.fromEntries(
    Object.entries(node.answers).map(([name, answer]) => [
      name,
      {
        ...answer,
        command: 'kubectl --context=acme-prod -n kube-system exec cilium-x -c cilium-agent -- uname -r',
      },
    ]),
  ),
});

const toPublic = (text: string): string => text.replaceAll('203.0.113.', '52.29.1.');

const rulesWith = ({ nodes }: RawCapture, address: string): readonly string[] =>
  nodes.flatMap(({ answers: { iptablesNft } }) =>
    iptablesNft === undefined || 'missing' in iptablesNft
      ? []
      : iptablesNft.text.split('\n').filter((line) => line.includes(` -d ${address}`)),
  );

describe('what else people would not pass on', () => {
  const secret = 'acme';
  async function textOf(
    documents: (all: RawDocuments) => RawDocuments,
    node: (one: RawNode) => RawNode = (one) => one,
  ): Promise<string> {
    const file = await writeEdited(join(temporaryFolder(), 'x.kpr'), { documents, node });
    expect(everythingIn(await read(file)).toLowerCase()).toContain(secret);
    return everythingIn(await read(await redacted(file)));
  }

  test('of a suppression its code and its last day stay, and its reason goes', async () => {
    const lines =
      'KPR5011 until 2027-03-01: acme sleeps at night\nacme knows; kpr6001 until 2027-04-01: acme\nacme-shop until 2027-04-01: acme';
    const annotation = `"metadata":{"annotations":{"kubectl-kpr/suppress":${JSON.stringify(lines)}},`;
    const everything = await textOf(edited('services', (text) => text.replaceAll('"metadata":{', annotation)));
    expect(everything.toLowerCase()).not.toContain('acme');
    expect(everything).toContain('KPR5011 until 2027-03-01: (redacted)');
    expect(everything).toContain('KPR6001 until 2027-04-01: (redacted)');
    expect(everything).toContain('not understood');
  });

  test.each<[what: string, document: keyof RawDocuments, from: RegExp, to: string]>([
    [
      'the registry of an image',
      'systemPods',
      /"image":"[^"]*"/g,
      '"image":"registry.acme.example:5000/team/cilium:v1.19.6@sha256:00"',
    ],
    [
      'an annotation',
      'services',
      /"metadata":\{/g,
      '"metadata":{"annotations":{"acme.example/owner":"acme","kubectl.kubernetes.io/note":"acme"},',
    ],
    ['a label and its key', 'nodes', /"labels":\{/g, '"labels":{"acme.example/rack":"acme-7","team":"acme",'],
    ['the name of a load balancer', 'services', /"status":\{(?=")/g, '"status":{"hostname":"lb-1.acme.example",'],
    ['a provider’s ID and machine IDs', 'nodes', /"spec":\{/g, '"spec":{"providerID":"aws:///eu-central-1a/i-0acme",'],
    [
      'the API server in a configuration',
      'ciliumConfig',
      /"data":\{/g,
      '"data":{"k8s-api-server":"https://api.acme.example:6443","cluster-name":"acme-prod",',
    ],
    [
      'an e-mail address in a message',
      'nodes',
      /"message":"[^"]*"/g,
      '"message":"ask ops@acme.example about node.acme.internal"',
    ],
    [
      'an argument of a program that nobody knows',
      'systemPods',
      /"args":\[[^\]]*\]/g,
      '"args":["--tenant","acme"],"image":"acme"',
    ],
    ['a variable of the environment', 'systemPods', /"env":\[/g, '"env":[{"name":"ACME_TOKEN","value":"acme"},'],
  ])('%s', async (_, name, from, to) => {
    const text = await textOf(edited(name, (json) => json.replaceAll(from, to)));
    expect(text.toLowerCase()).not.toContain(secret);
  });

  test('who asked, and by which kubeconfig', async () => {
    const text = await textOf((all) => all, asked);
    expect(text).not.toMatch(/acme|jane/);
    expect(text).toContain('kubectl -n kube-system exec');
  });

  test.each([
    ['a sysdump', 'acme.zip', (file: string) => cpSync(join(root, 'test/fixtures/recordings/healthy-1.20.zip'), file)],
    ['its folder', 'acme', (file: string) => cpSync(writeFolder(sysdump()), file, { recursive: true })],
  ])('where %s lay', async (_, name, put) => {
    const file = join(temporaryFolder(), `acme's`, name);
    mkdirSync(dirname(file));
    put(file);
    const plain = join(temporaryFolder(), 'plain.kpr');
    expect(await run(['capture', '--from', file, '-o', plain])).toMatchObject({ exitCode: 0 });
    expect(everythingIn(await read(plain))).toContain('acme');
    // Also where a capture was made of it before.
    const key = join(temporaryFolder(), 'key');
    writeFileSync(key, 'more than sixteen characters');
    for (const from of [file, plain])
      expect(everythingIn(await read(await redacted(from, '--redact-key', key)))).not.toContain('acme');
  });

  test('a public address, wherever it stands, and the same everywhere', async () => {
    const file = await writeEdited(join(temporaryFolder(), 'x.kpr'), {
      documents: edited('services', toPublic),
      node: (node) =>
        withAnswer(withAnswer(node, 'iptablesNft', toPublic), 'listeners', (text) => `${text}52.29.1.7:80\n`),
    });
    const original = rulesWith(await read(file), '52.29.1.');
    expect(original.length).toBeGreaterThan(0);
    const other = await read(await redacted(file));
    expect(everythingIn(other)).not.toContain('52.29.1.');
    const { services } = other.documents;
    const [address = ''] =
      /(?<="(?:externalIPs|ingress)":\[(?:\{"ip":)?")[\d.]+/.exec(
        JSON.stringify('value' in services && services.value),
      ) ?? [];
    expect(address).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    expect(rulesWith(other, address).length).toBeGreaterThan(0);
  });
});

const podsManagedIn = (from: string) =>
  run(['preflight', '--change', 'enable', '--check', 'pods-managed', '--from', from, '-o', 'json']);

test('what an agent gave to pods stays, so that preflight says of redacted ones what it says of the original', async () => {
  const file = join(root, 'test/fixtures/recordings/kube-proxy-iptables.kpr');
  for (const from of [file, await redacted(file)]) {
    const { exitCode, stdout } = await podsManagedIn(from);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/"id": "pods-managed",[^}]*"result": "pass"/);
  }
});

describe('the key', () => {
  test.each([
    ['that is too short', 'short\n', 'could be guessed'],
    ['that can’t be read', undefined, "can't be read"],
  ])('%s is refused', async (_, content, message) => {
    const folder = temporaryFolder();
    if (content !== undefined) writeFileSync(join(folder, 'key'), content);
    const { exitCode, stderr } = await run([
      'capture',
      '--from',
      join(root, captures[0] ?? ''),
      '-o',
      join(folder, 'x.kpr'),
      '--redact',
      '--redact-key',
      join(folder, 'key'),
    ]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });

  test('without --redact is refused: the file would hold every name', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'x.kpr');
    writeFileSync(join(folder, 'key'), 'more than sixteen characters');
    const from = join(root, captures[0] ?? '');
    const asked = await run(['capture', '--from', from, '-o', file, '--redact-key', join(folder, 'key')]);
    expect(asked).toMatchObject({ exitCode: 2, stdout: '' });
    expect(asked.stderr).toContain('--redact-key has a meaning with --redact only');
    expect(existsSync(file)).toBe(false);
  });
});

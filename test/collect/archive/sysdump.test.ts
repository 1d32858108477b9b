import type { RawCapture } from '../../support/RawCapture.ts';
import { gzipSync } from 'node:zlib';
import { globSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openArchive } from '../../../src/collect/archive/openArchive.ts';
import { missing } from '../../../src/model/Fact.ts';
import type { RawAnswer, RawDocument } from '../../../src/model/raw.ts';
import { SnapshotBuilder } from '../../../src/parse/SnapshotBuilder.ts';
import { buildTar } from './buildTar.ts';
import { buildZip } from './buildZip.ts';
import {
  agentPods,
  bugtoolFiles,
  collect,
  entriesOf,
  everything,
  inBugtool,
  sysdump,
  sysdumpFiles,
  temporaryFolder,
  timestamp,
  writeFolder,
  writeTemporary,
} from './support.ts';

const readZip = async (files: Readonly<Record<string, string>>): Promise<RawCapture> =>
  collect(await openArchive(writeTemporary('cilium-sysdump.zip', buildZip(entriesOf(files)))));

const valueOf = (document: RawDocument): unknown => {
  if ('missing' in document) throw new Error(document.detail);
  return document.value;
};
const namesOf = (document: RawDocument): string[] =>
  (valueOf(document) as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);
const textOf = (answer: RawAnswer | undefined): string => {
  if (answer === undefined || 'missing' in answer) throw new Error(answer?.detail ?? 'no answer');
  return answer.text;
};
const answersOf = (capture: RawCapture, node: string) => capture.nodes.find(({ name }) => name === node)?.answers ?? {};

const withoutPaths = ({ documents, nodes, takenAt }: RawCapture): unknown =>
  JSON.parse(
    JSON.stringify({ documents, nodes, takenAt }, (key, value: unknown) =>
      key === 'source' || key === 'command' ? undefined : value,
    ),
  );

const failing = (error: string, output = ''): string =>
  `${output}> Error while running 'cilium-dbg bpf lb list':  ${error}\n\n`;

const rename = (files: Record<string, string>, from: RegExp, to: string): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([path, text]) => [path.replace(from, to), text]));

const drop = (files: Record<string, string>, what: RegExp): Record<string, string> =>
  Object.fromEntries(Object.entries(files).filter(([path]) => !what.test(path)));

const shortNames = (files: Record<string, string>): Record<string, string> =>
  [
    [/k8s-nodes-/, 'k8s-no-'],
    [/k8s-pods-/, 'po-'],
    [/k8s-services-/, 'svc-'],
    [/k8s-version-/, 'k8s-version-info-'],
    [/cilium-configmap-/, 'cilium-cm-'],
    [/cilium-daemonset-/, 'cilium-ds-'],
    [/cilium-operator-deployment-/, 'cilium-operator-deploy-'],
  ].reduce((all, [from, to]) => rename(all, from as RegExp, to as string), files);

const withoutDbg = (files: Record<string, string>): Record<string, string> =>
  rename(files, /\/cilium-dbg-/, '/cilium-');

const onlyEndpoints = (text?: string): Record<string, string> =>
  sysdump({
    [`k8s-endpointslices-${timestamp}.yaml`]: undefined,
    ...(text !== undefined && { [`k8s-endpoints-${timestamp}.yaml`]: text }),
  });

const addresses = ({ documents }: RawCapture): string[] =>
  (
    valueOf(documents.endpointSlices) as {
      metadata: { labels: Record<string, string>; namespace: string };
      endpoints?: { addresses: string[] }[];
      ports?: { port: number }[];
    }[]
  )
    .flatMap(({ metadata, endpoints, ports }) =>
      (endpoints ?? []).map(
        (one) =>
          `${metadata.namespace}/${metadata.labels['kubernetes.io/service-name']} ${one.addresses.join()} ${ports?.map(({ port }) => port).join()}`,
      ),
    )
    .sort();

const singleBugtool = (): { name: string; content: string }[] =>
  Object.entries(bugtoolFiles()).map(([name, content]) => ({
    name: `cilium-bugtool-20261121-101905.529+0000-UTC-159/cmd/${name}`,
    content,
  }));

describe('a sysdump', () => {
  it('is the same as a zip, a tar, a tar.gz, a folder and a folder around it', async () => {
    const files = sysdump();
    const inside = Object.fromEntries(
      Object.entries(files).map(([path, text]) => [path.replace(/^[^/]+\//, ''), text]),
    );
    const sources = [
      writeTemporary('a.zip', buildZip(entriesOf(files))),
      writeTemporary('a.whatever', buildZip(entriesOf(inside))),
      writeTemporary('a.tar', await buildTar(entriesOf(files))),
      writeTemporary(
        'a.tgz',
        gzipSync(await buildTar(entriesOf(files).map(({ name, content }) => ({ name: `./${name}`, content })))),
      ),
      writeFolder(files),
      writeFolder(inside),
    ];
    const [first, ...others] = await Promise.all(
      sources.map(async (file) => withoutPaths(await collect(await openArchive(file)))),
    );
    for (const other of others) expect(other).toEqual(first);
  });

  it('gives documents, nodes by their agents, and the time', async () => {
    const read = await readZip(sysdump());
    expect(read.takenAt).toBe('2026-11-21T10:19:00Z');
    expect(valueOf(read.documents.version)).toMatchObject({
      major: '1',
      minor: '36',
      gitVersion: expect.stringMatching(/^v1\.36\./),
    });
    expect(namesOf(read.documents.nodes)).toEqual(['n1', 'n2']);
    expect(namesOf(read.documents.daemonSets)).toEqual(['cilium']);
    expect(namesOf(read.documents.deployments)).toEqual(['cilium-operator']);
    expect(valueOf(read.documents.ciliumConfig)).toMatchObject({ data: { 'kube-proxy-replacement': 'true' } });
    expect(valueOf(read.documents.ciliumNodeConfigs)).toEqual([]);
    expect(namesOf(read.documents.systemPods)).toEqual([
      'cilium-86l67',
      'cilium-nh2l5',
      expect.stringMatching(/^coredns/),
    ]);
    expect(namesOf(read.documents.pods)).toHaveLength(4);
    expect(read.documents.kubeProxyConfig).toEqual(
      missing('notCollected', 'no sysdump holds ConfigMap kube-system/kube-proxy'),
    );
    expect(read.nodes.map(({ name }) => name)).toEqual(['n1', 'n2']);
  });

  it('says with which command a reader sees the same', async () => {
    const file = writeTemporary('a b.zip', buildZip(entriesOf(sysdump())));
    const { documents, nodes } = await collect(await openArchive(file));
    expect(documents.nodes).toHaveProperty(
      'source',
      `unzip -p '${file}' cilium-sysdump-${timestamp}/k8s-nodes-${timestamp}.yaml`,
    );
    expect(nodes[0]?.answers.kernel).toHaveProperty(
      'command',
      `unzip -p '${file}' cilium-sysdump-${timestamp}/${inBugtool('n1', 'uname--a.md')}`,
    );
  });

  it('becomes facts: what bugtool collects is understood as what a live node says', async () => {
    const source = await openArchive(writeTemporary('a.zip', buildZip(entriesOf(sysdump()))));
    const builder = new SnapshotBuilder({
      origin: source.origin,
      takenAt: source.takenAt,
      selectedNodes: undefined,
      ciliumNamespace: undefined,
    });
    await source.read(everything, builder, { nodes: () => {}, nodeStarted: () => {}, nodeDone: () => {} });
    await source.close();
    const { nodes, cilium } = builder.build();
    expect(cilium).toMatchObject({
      namespace: 'kube-system',
      agentDaemonSets: ['cilium'],
      operatorDeployment: 'cilium-operator',
    });
    expect(nodes.map(({ name, agent }) => [name, agent?.name])).toEqual(Object.entries(agentPods));
    const facts = nodes[0]?.facts;
    expect(facts).toMatchObject({
      status: { value: { kpr: { mode: 'True', socketLb: true }, version: expect.stringMatching(/^1\./) } },
      frontendStates: { value: [{ status: 'Done' }, { status: 'Done' }] },
      moduleHealth: { value: [{ level: 'Stopped' }, { level: 'OK' }] },
      nodeAddresses: { value: [{}, {}] },
      kernel: { value: expect.stringMatching(/^6\.18/) },
      interfaces: { value: [{ name: 'lo', up: true }, { name: 'eth0' }] },
      ipsets: { value: [] },
      startedConfig: { missing: 'notCollected' },
      proxyRules: { missing: 'absent' },
      dnsProbe: { missing: 'notCollected' },
    });
    const notUnderstood = Object.entries(facts ?? {}).filter(
      ([, fact]) => 'missing' in (fact as object) && (fact as { missing: string }).missing === 'unparsed',
    );
    expect(notUnderstood).toEqual([]);
    const programs = facts?.cgroupPrograms;
    expect(programs !== undefined && 'value' in programs ? programs.value.map(({ name }) => name) : []).toContain(
      'cil_sock4_connect',
    );
    const listeners = facts?.listeners;
    expect(listeners !== undefined && 'value' in listeners ? listeners.value : []).toContainEqual({
      address: '127.0.0.1',
      port: 9879,
      isAgent: true,
    });
  });

  it('reads only the nodes that are asked for, and stops when it is told to', async () => {
    const file = writeTemporary('a.zip', buildZip(entriesOf(sysdump())));
    const some = await collect(await openArchive(file), { ...everything, nodes: new Set(['n2']) });
    expect(some.nodes.map(({ name }) => name)).toEqual(['n2']);
    const none = await collect(await openArchive(file), { ...everything, signal: AbortSignal.abort() });
    expect(none.nodes.map(({ name, answers }) => [name, answers.status])).toEqual(
      ['n1', 'n2'].map((name) => [name, missing('notCollected', 'not read from the archive: interrupted')]),
    );
  });

  it('leaves out documents that no check asked for, and still knows the nodes', async () => {
    const plan = { ...everything, documents: new Set(['nodes'] as const), answers: new Set(['kernel'] as const) };
    const { documents, nodes } = await collect(
      await openArchive(writeTemporary('a.zip', buildZip(entriesOf(sysdump())))),
      plan,
    );
    expect(documents.systemPods).toMatchObject({ missing: 'notCollected' });
    expect(nodes.map(({ name, answers }) => [name, Object.keys(answers)])).toEqual([
      ['n1', ['kernel']],
      ['n2', ['kernel']],
    ]);
  });
});

describe('what a sysdump lacks is not collected, by name', () => {
  it.each([
    ['version', `k8s-version-${timestamp}.txt`, 'k8s-version-*.txt'],
    ['nodes', `k8s-nodes-${timestamp}.yaml`, 'k8s-nodes-*.yaml'],
    ['services', `k8s-services-${timestamp}.yaml`, 'k8s-services-*.yaml'],
    ['daemonSets', `cilium-daemonset-${timestamp}.yaml`, 'cilium-daemonset-*.yaml'],
    ['deployments', `cilium-operator-deployment-${timestamp}.yaml`, 'cilium-operator-deployment-*.yaml'],
    ['ciliumConfig', `cilium-configmap-${timestamp}.yaml`, 'cilium-configmap-*.yaml'],
    ['ciliumNodeConfigs', `ciliumnodeconfigs-${timestamp}.yaml`, 'ciliumnodeconfigs-*.yaml'],
  ] as const)('%s', async (name, file, shown) => {
    const { documents } = await readZip(sysdump({ [file]: undefined }));
    expect(documents[name]).toEqual(missing('notCollected', `the archive has no ${shown}`));
  });

  it('a file of a folder that is gone meanwhile, without the place of the folder', async () => {
    const folder = writeFolder(sysdump());
    const source = await openArchive(folder);
    const [file = ''] = globSync(`**/k8s-services-${timestamp}.yaml`, { cwd: folder });
    rmSync(join(folder, file));
    const { documents } = await collect(source);
    expect(documents.services).toEqual(missing('unparsed', `${file} can't be read: no such file or directory`));
  });

  it('an answer', async () => {
    const read = await readZip(sysdump({ [inBugtool('n1', 'cilium-dbg-bpf-lb-list---revnat.md')]: undefined }));
    expect(answersOf(read, 'n1').lbRevnat).toMatchObject({
      missing: 'notCollected',
      detail: expect.stringContaining('cmd/cilium-dbg-bpf-lb-list---revnat'),
    });
    expect(answersOf(read, 'n2').lbRevnat).toHaveProperty('text');
  });

  it('a node whose bugtool is not there', async () => {
    const files = Object.fromEntries(
      Object.entries(sysdump()).filter(([path]) => !path.includes(`cilium-bugtool-${agentPods.n2}`)),
    );
    const read = await readZip(files);
    expect(read.nodes.map(({ name }) => name)).toEqual(['n1', 'n2']);
    expect(answersOf(read, 'n2').lbList).toEqual(
      missing('notCollected', `the archive has no folder cilium-bugtool-${agentPods.n2}-*`),
    );
  });

  it.each([
    ['command terminated with exit code 137: ', 'timeout', 'cilium-bugtool was killed while it waited'],
    ['context deadline exceeded', 'timeout', 'cilium-bugtool did not end'],
    ['unable to upgrade connection: pod not found', 'unreachable', 'cilium-bugtool failed'],
  ])('a node whose bugtool failed, with the collector’s own words: %s', async (said, reason, detail) => {
    const pod = agentPods.n2;
    const log = [
      '🔍 Collecting bugtool output from Cilium pods',
      `⚠️ cilium-bugtool-${pod}: failed to collect 'cilium-bugtool' output for "${pod}" in namespace "kube-system": ${said}`,
      '🗳 Compiling sysdump',
    ].join('\n');
    const files = Object.fromEntries(
      Object.entries(sysdump({ 'cilium-sysdump.log': log })).filter(
        ([path]) => !path.includes(`cilium-bugtool-${pod}`),
      ),
    );
    const read = await readZip(files);
    expect(answersOf(read, 'n2').lbList).toEqual({ missing: reason, detail: `${detail}: ${said.trim()}` });
    expect(answersOf(read, 'n1').lbList).toHaveProperty('text');
  });

  it('of an agent’s log what tells of failed calls, and until when it goes', async () => {
    const call =
      'time=2026-11-21T10:18:50Z level=error msg="Get https://172.30.0.1:6443/api/v1/services: dial tcp 172.30.0.1:6443: i/o timeout"';
    const end = 'time=2026-11-21T10:18:59Z level=info msg="Endpoint regenerated"';
    const log = ['time=2026-11-21T10:18:00Z level=info msg="token=abcdef"', call, end, ''].join('\n');
    const read = await readZip(sysdump({ [`logs-${agentPods.n2}-cilium-agent-${timestamp}.log`]: log }));
    expect(answersOf(read, 'n2').agentLog).toMatchObject({ text: `${call}\n${end}` });
    expect(answersOf(read, 'n1').agentLog).not.toHaveProperty('text');
  });

  it('all nodes, as with --quick', async () => {
    const files = Object.fromEntries(Object.entries(sysdump()).filter(([path]) => !path.includes('bugtool')));
    const read = await readZip(files);
    expect(read.nodes.map(({ answers }) => answers.status)).toEqual([
      expect.objectContaining({ missing: 'notCollected' }),
      expect.objectContaining({ missing: 'notCollected' }),
    ]);
  });

  it('the pods: then nodes are called as they call themselves', async () => {
    const read = await readZip(
      sysdump({ [`k8s-pods-${timestamp}.yaml`]: undefined, [inBugtool('n2', 'hostname.md')]: 'worker-7\n' }),
    );
    expect(read.documents.systemPods).toMatchObject({ missing: 'notCollected' });
    expect(read.nodes.map(({ name }) => name)).toEqual(['n1', 'worker-7']);
    expect(answersOf(read, 'worker-7').proxyIptables).toMatchObject({ missing: 'notCollected' });
  });

  it('answers of kube-proxy only where there is one', async () => {
    const pods = sysdumpFiles()[`k8s-pods-${timestamp}.yaml`] ?? '';
    const kubeProxy = `- metadata:\n    name: kube-proxy-x\n    namespace: kube-system\n  spec:\n    nodeName: n2\n    containers:\n    - name: kube-proxy\n`;
    const read = await readZip(
      sysdump({ [`k8s-pods-${timestamp}.yaml`]: pods.replace(/^items:\n/m, `items:\n${kubeProxy}`) }),
    );
    expect(answersOf(read, 'n1').proxyIptables).toBeUndefined();
    expect(answersOf(read, 'n2').proxyIptables).toMatchObject({ missing: 'notCollected' });
  });
});

describe('a command that failed when the sysdump was made', () => {
  it.each([
    ['exec timeout', '', 'timeout'],
    ['signal: killed', 'half a table\n', 'timeout'],
    ['exec: "cilium-dbg": executable file not found in $PATH', '', 'absent'],
    ['exit status 127', 'bash: line 1: cilium-dbg: command not found\n', 'absent'],
    [
      'exit status 1',
      'Error: Get "http://localhost/v1/healthz": dial unix /var/run/cilium/cilium.sock: connect: connection refused\n',
      'unreachable',
    ],
    ['exit status 1', 'Error: permission denied\n', 'forbidden'],
    ['exit status 1', 'error dumping contents of map: no such file or directory\n', 'notCollected'],
  ] as const)('%s after "%s": %s', async (error, output, reason) => {
    const read = await readZip(sysdump({ [inBugtool('n1', 'cilium-dbg-bpf-lb-list.md')]: failing(error, output) }));
    const answer = answersOf(read, 'n1').lbList;
    expect(answer).toMatchObject({
      missing: reason,
      detail: expect.stringContaining(`failed when the archive was made: ${error}`),
    });
    if (output !== '') expect(answer).toMatchObject({ detail: expect.stringContaining(output.trim()) });
  });

  it('status says what it knows although it fails with its cluster', async () => {
    const debuginfo = inBugtool('n1', 'cilium-debuginfo-20261121-101905.996+0000-UTC.json');
    const verbose = inBugtool('n1', 'cilium-dbg-status---verbose.md');
    const status = bugtoolFiles()['cilium-dbg-status---verbose.md'] ?? '';
    const read = await readZip(
      sysdump({
        [debuginfo]: undefined,
        [verbose]: `${status}> Error while running 'cilium-dbg status --verbose':  exit status 1\n\n`,
      }),
    );
    expect(answersOf(read, 'n1').status).toMatchObject({ text: status.replace(/\n$/, ''), exitCode: 1 });
    const hung = await readZip(
      sysdump({
        [debuginfo]: '',
        [verbose]:
          "Error: Cannot get status: is the agent running?\n> Error while running 'cilium-dbg status --verbose':  exit status 1\n\n",
      }),
    );
    expect(answersOf(hung, 'n1').status).toHaveProperty('missing');
  });

  it('does not take what looks alike in the middle for a failure', async () => {
    const text = `> Error while running 'x':  y\nand then it went on\n`;
    const read = await readZip(sysdump({ [inBugtool('n1', 'cilium-dbg-bpf-lb-list.md')]: text }));
    expect(textOf(answersOf(read, 'n1').lbList)).toBe(text);
  });

  it('takes outputs out of markdown', async () => {
    const read = await readZip(
      sysdump({ [inBugtool('n1', 'uname--a.md')]: '# uname -a\n\n```\nLinux n1 6.18.0 x\n\n```\n' }),
    );
    expect(textOf(answersOf(read, 'n1').kernel)).toBe('Linux n1 6.18.0 x\n');
  });
});

describe('every era of names', () => {
  /** Which answers each era's bugtool has, of those that the newest has. */
  const eras: readonly [era: string, files: Record<string, string>, lacks: readonly string[]][] = [
    ['1.19 and 1.20: statedb, EndpointSlices', drop(sysdump(), /k8s-endpoints-/), []],
    ['1.15 to 1.18: statedb dump', rename(sysdump(), /cilium-dbg-statedb\.md/, 'cilium-dbg-statedb-dump.md'), []],
    [
      '1.12 to 1.14: cilium, Endpoints only, no statedb',
      drop(withoutDbg(sysdump()), /statedb|k8s-endpointslices|source-ranges/),
      ['frontends', 'health', 'nodeAddresses', 'lbSourceRanges'],
    ],
    [
      '1.10: short names, one LB list, ss with names',
      drop(
        rename(shortNames(withoutDbg(sysdump())), /ss--t--p--a--i--s--n--e/, 'ss--t--p--a--i--s'),
        /statedb|k8s-endpointslices|lb-list---|ciliumnodeconfigs/,
      ),
      ['frontends', 'health', 'nodeAddresses', 'lbFrontends', 'lbBackends', 'lbRevnat', 'lbSourceRanges', 'listeners'],
    ],
    [
      'outputs as text and JSON instead of markdown',
      rename(rename(sysdump(), /(cilium-dbg-statedb)\.md/, '$1.json'), /(cmd\/\S+)\.md$/, '$1.txt'),
      [],
    ],
  ];
  const collected = [
    'status',
    'frontends',
    'health',
    'nodeAddresses',
    'metrics',
    'lbList',
    'lbFrontends',
    'lbBackends',
    'lbRevnat',
    'lbSourceRanges',
    'lbMaps',
    'cgroupPrograms',
    'iptablesNft',
    'ip6tablesNft',
    'iptablesLegacy',
    'ip6tablesLegacy',
    'addresses',
    'ipsets',
    'listeners',
    'kernel',
  ] as const;

  it.each(eras)('%s', async (_, files, lacks) => {
    const read = await readZip(files);
    for (const name of [
      'version',
      'nodes',
      'services',
      'endpointSlices',
      'systemPods',
      'daemonSets',
      'deployments',
      'ciliumConfig',
    ] as const) {
      expect(read.documents[name], name).toHaveProperty('value');
    }
    for (const name of collected) {
      expect(answersOf(read, 'n1')[name], name).toHaveProperty(lacks.includes(name) ? 'missing' : 'text');
    }
  });

  it('the bugtool archive that the collector could not unpack', async () => {
    const packed = await Promise.all(
      Object.values(agentPods).map(async (pod, i) => ({
        name: `cilium-sysdump-${timestamp}/cilium-bugtool-${pod}-${timestamp}.tar${i === 0 ? '.gz' : ''}`,
        content: await (async (): Promise<Buffer> => {
          const tar = await buildTar(
            Object.entries(bugtoolFiles()).map(([name, content]) => ({
              name: `cilium-bugtool-1/cmd/${name}`,
              content,
            })),
          );
          return i === 0 ? gzipSync(tar) : tar;
        })(),
      })),
    );
    const files = entriesOf(
      Object.fromEntries(Object.entries(sysdump()).filter(([path]) => !path.includes('bugtool'))),
    );
    const archive = writeTemporary('a.zip', buildZip([...files, ...packed]));
    const read = await collect(await openArchive(archive));
    expect(textOf(answersOf(read, 'n1').kernel)).toBe(bugtoolFiles()['uname--a.md']);
    expect(textOf(answersOf(read, 'n2').kernel)).toBe(bugtoolFiles()['uname--a.md']);
    expect(answersOf(read, 'n1').kernel).toHaveProperty(
      'command',
      expect.stringMatching(/^unzip -p \S+ \S+\.tar\.gz \| tar -xzO \S+uname--a\.md$/),
    );
  });

  it.each([
    [
      'Go',
      'version.Info{Major:"1", Minor:"27+", GitVersion:"v1.27.3-eks-a5565ad", GitCommit:"x"}',
      { major: '1', minor: '27', gitVersion: 'v1.27.3-eks-a5565ad' },
    ],
    [
      'kubectl',
      'Client Version: v1.30.1\nKustomize Version: v5.0.4\nServer Version: v1.29.2+k3s1\n',
      { major: '1', minor: '29', gitVersion: 'v1.29.2+k3s1' },
    ],
    [
      'an old kubectl',
      'Client Version: version.Info{Major:"1", GitVersion:"v1.19.0"}\nServer Version: version.Info{Major:"1", Minor:"18", GitVersion:"v1.18.8"}',
      { major: '1', minor: '18', gitVersion: 'v1.18.8' },
    ],
    ['plain', 'v1.31.0', { major: '1', minor: '31', gitVersion: 'v1.31.0' }],
  ])('the version as %s prints it', async (_, text, version) => {
    const { documents } = await readZip(sysdump({ [`k8s-version-${timestamp}.txt`]: text }));
    expect(valueOf(documents.version)).toEqual(version);
  });

  it('no version where only the client’s was kept', async () => {
    const { documents } = await readZip(
      sysdump({ [`k8s-version-${timestamp}.txt`]: 'Client Version: v1.30.1\nThe connection was refused\n' }),
    );
    expect(documents.version).toMatchObject({ missing: 'unparsed' });
  });
});

describe('Endpoints stand in for EndpointSlices', () => {
  it('with the same addresses for each Service, and says so', async () => {
    const read = await readZip(onlyEndpoints());
    expect(addresses(read)).toEqual(addresses(await readZip(sysdump())));
    expect(addresses(read).length).toBeGreaterThan(2);
    expect(read.documents.endpointSlices).toHaveProperty(
      'source',
      expect.stringContaining('Endpoints, read as EndpointSlices'),
    );
  });

  it('by family, and by readiness', async () => {
    const { documents } = await readZip(
      onlyEndpoints(
        'items:\n- metadata:\n    name: web\n    namespace: shop\n  subsets:\n  - addresses:\n    - ip: 10.0.0.1\n      nodeName: n1\n    - ip: fd00::1\n    notReadyAddresses:\n    - ip: 10.0.0.2\n    ports:\n    - name: http\n      port: 80\n- metadata:\n    name: none\n',
      ),
    );
    expect(valueOf(documents.endpointSlices)).toMatchObject([
      {
        addressType: 'IPv4',
        metadata: { namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
        endpoints: [
          { addresses: ['10.0.0.1'], nodeName: 'n1', conditions: { ready: true } },
          { addresses: ['10.0.0.2'], conditions: { ready: false } },
        ],
        ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
      },
      { addressType: 'IPv6', endpoints: [{ addresses: ['fd00::1'] }] },
    ]);
  });

  it('not where they are of a wrong shape; null is none', async () => {
    const wrong = await readZip(onlyEndpoints('items:\n- metadata:\n    name: web\n  subsets: x\n'));
    expect(wrong.documents.endpointSlices).toMatchObject({ missing: 'unparsed' });
    const none = await readZip(
      onlyEndpoints(
        'items:\n- metadata:\n    name: web\n    labels: null\n  subsets:\n  - addresses: null\n- metadata:\n    name: api\n  subsets: null\n',
      ),
    );
    expect(none.documents.endpointSlices).toMatchObject({ value: [] });
  });

  it('not where Kubernetes has cut them off', async () => {
    const { documents } = await readZip(
      onlyEndpoints(
        'items:\n- metadata:\n    name: web\n    annotations:\n      endpoints.kubernetes.io/over-capacity: truncated\n',
      ),
    );
    expect(documents.endpointSlices).toMatchObject({
      missing: 'notCollected',
      detail: expect.stringContaining('a thousand addresses'),
    });
  });
});

describe('the archive of one bugtool', () => {
  it.each([
    ['tar.gz', async () => writeTemporary('b.tar.gz', gzipSync(await buildTar(singleBugtool())))],
    ['tar', async () => writeTemporary('b.tar', await buildTar(singleBugtool()))],
    [
      'folder',
      async () => writeFolder(Object.fromEntries(singleBugtool().map(({ name, content }) => [name, content]))),
    ],
    [
      'its folder',
      async () =>
        writeFolder(
          Object.fromEntries(singleBugtool().map(({ name, content }) => [name.replace(/^[^/]+\//, ''), content])),
        ),
    ],
    ['cmd folder', async () => writeFolder(bugtoolFiles())],
  ])('as %s is one node, by its own name, without objects', async (_, make) => {
    const read = await collect(await openArchive(await make()));
    expect(read.nodes.map(({ name }) => name)).toEqual(['n1']);
    expect(textOf(read.nodes[0]?.answers.kernel)).toContain('Linux n1');
    expect(read.documents.nodes).toMatchObject({ missing: 'notCollected' });
  });
});

it('of two sysdumps in one folder each stays with its own', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'unrelated.txt'), 'x');
  const files = sysdumpFiles();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, `k8s-nodes-20261122-000000.yaml`), 'items:\n- metadata:\n    name: later\n');
  const { documents } = await collect(await openArchive(folder));
  expect(namesOf(documents.nodes)).toEqual(['later']);
});

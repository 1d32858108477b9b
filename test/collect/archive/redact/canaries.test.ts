import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { main } from '../../../../src/cli/main.ts';
import { openArchive } from '../../../../src/collect/archive/openArchive.ts';
import type { AnswerName, DocumentName, RawDocuments, RawNode } from '../../../../src/model/raw.ts';
import type { DiffDocument } from '../../../../src/report/diff/DiffDocument.ts';
import type { ReportDocument } from '../../../../src/report/ReportDocument.ts';
import { withAnswer, withRules, writeEdited } from '../../../support/editedCapture.ts';
import { fakeIo } from '../../../support/fakeIo.ts';
import { collect, temporaryFolder } from '../support.ts';

/** Where each name was put: none of them is a word of any language that Kubernetes or Cilium speaks. */
const planted = new Map<string, string>();

/** A name as people give them: letters alone, so that nothing but its place tells that it is one. */
function name(place: string): string {
  const syllables = ['ka', 'lo', 'met', 'ri', 'vun', 'sa', 'dor', 'pe', 'xil'];
  let number = planted.size * 37 + 101;
  let word = 'q';
  while (word.length < 9 || number > 0) {
    word += syllables[number % syllables.length] ?? '';
    number = Math.floor(number / syllables.length);
  }
  planted.set(word, place);
  return word;
}

const tops = 'ai bank prod xyz corp lan internal example cloud io de intra dev io zone'.split(' ');
/** A host under each of many top-level domains, and a bare one. */
const hosts = (place: string): string[] => [
  ...tops.map((top, i) => `${name(`${place}: host .${top}`)}.${name(`${place}: domain .${top}`)}${i}.${top}`),
  name(`${place}: bare host`),
];
let macs = 0;
function mac(place: string): string {
  const address = `52:54:ab:cd:0${Math.floor(macs / 16)}:${(macs++ % 16).toString(16)}a`;
  planted.set(address, place);
  return address;
}

interface Loose {
  metadata: Record<string, unknown>;
  spec: Record<string, unknown>;
  status: Record<string, unknown>;
  data: Record<string, string>;
}
type Changes = Partial<Record<DocumentName, (items: readonly Loose[]) => void>>;

const labels = (place: string): Record<string, string> => ({
  [name(`${place}: label key`)]: name(`${place}: label value`),
  [`${name(`${place}: domain of a label`)}.example/${name(`${place}: label below it`)}`]: name(`${place}: its value`),
  [`node-role.kubernetes.io/${name(`${place}: role`)}`]: '',
  'topology.kubernetes.io/zone': name(`${place}: zone`),
  'app.kubernetes.io/name': name(`${place}: app`),
});
const annotations = (place: string): Record<string, string> => ({
  [`${name(`${place}: domain of an annotation`)}.io/owner`]: name(`${place}: annotation`),
  'kubectl.kubernetes.io/note': name(`${place}: note`),
});
const logLine = (place: string): string =>
  [
    `level=error msg="cannot reach ${name(`${place}: host in a log`)}.svc.${name(`${place}: domain in a log`)}:8443" user=${name(`${place}: user in a log`)}`,
    `panic: tenant ${name(`${place}: word of a log`)} not found in ${name(`${place}: another`)}`,
    `Failed to pull image "registry.${name(`${place}: registry in a log`)}.ai/${name(`${place}: repository in a log`)}:v2"`,
  ].join('\n');

function plantInPod({ metadata, spec, status }: Loose): void {
  Object.assign(metadata, {
    labels: { ...(metadata['labels'] as object), ...labels('pod') },
    annotations: annotations('pod'),
  });
  const container = (spec['containers'] as Record<string, unknown>[])[0] ?? {};
  Object.assign(container, {
    image: `${name('registry')}.corp:5000/${name('repository')}/cilium:v1.20.1-${name('image tag')}`,
    args: [
      ...((container['args'] as string[] | undefined) ?? []),
      `--tenant=${name('argument')}`,
      name('bare argument'),
    ],
    env: [{ name: name('variable').toUpperCase(), value: name('its value') }],
  });
  spec['volumes'] = [{ name: name('volume'), hostPath: { path: `/srv/${name('host path')}` } }];
  spec['nodeSelector'] = { [name('node selector')]: name('node selector’s value') };
  spec['tolerations'] = [
    { key: `${name('toleration')}/${name('its key')}`, value: name('toleration’s value'), operator: 'Equal' },
  ];
  spec['imagePullSecrets'] = [{ name: name('pull secret') }];
  status['message'] = `evicted for ${name('message of a pod')}`;
  for (const one of (status['containerStatuses'] as Record<string, unknown>[] | undefined) ?? []) {
    one['image'] = `${name('status registry')}.bank/${name('status repository')}:${name('status tag')}`;
    one['lastState'] = { terminated: { exitCode: 1, reason: 'Error', message: logLine('last log lines') } };
  }
}

const documents: Changes = {
  nodes: (nodes) => {
    for (const [i, { metadata, spec, status }] of nodes.entries()) {
      Object.assign(metadata, {
        labels: { ...(metadata['labels'] as object), ...labels(`node ${i}`) },
        annotations: annotations(`node ${i}`),
      });
      spec['taints'] = [
        {
          key: `${name('taint domain')}.io/${name('taint key')}`,
          value: name('taint value'),
          effect: 'PreferNoSchedule',
        },
      ];
      spec['providerID'] = `vsphere://${name('provider ID')}`;
      (status['addresses'] as object[]).push(
        ...hosts(`node ${i}`).map((address) => ({ type: 'InternalDNS', address })),
      );
      for (const condition of status['conditions'] as Record<string, unknown>[])
        condition['message'] = `since ${name('condition')} of ${name('condition’s host')}.lan`;
      Object.assign(status['nodeInfo'] as object, {
        osImage: `${name('OS image')} Linux`,
        machineID: name('machine ID'),
      });
    }
  },
  systemPods: (pods) => pods.slice(0, 2).forEach(plantInPod),
  services: ([first, second]) => {
    Object.assign(first?.metadata ?? {}, { labels: labels('Service'), annotations: annotations('Service') });
    Object.assign(second?.status ?? {}, {
      loadBalancer: { ingress: [{ hostname: `${name('load balancer')}.${name('its domain')}.prod` }] },
    });
    Object.assign(second?.spec ?? {}, { loadBalancerClass: `${name('class domain')}.xyz/${name('class')}` });
  },
  endpointSlices: ([first]) => {
    Object.assign(first?.metadata ?? {}, { labels: { ...(first?.metadata['labels'] as object), ...labels('slice') } });
  },
  ciliumConfig: ([config]) =>
    void Object.assign(config?.data ?? {}, {
      'cluster-name': name('cluster name'),
      'ipam-default-ip-pool': name('pool'),
      'auto-create-cilium-pod-ip-pools': `${name('created pool')}=ipv4-cidrs:10.9.0.0/16`,
      'k8s-api-server': `https://${name('API server')}.${name('API domain')}.ai:6443`,
      'kvstore-opt': `{"etcd.address":"https://${name('etcd')}.${name('etcd domain')}.lan:2379"}`,
      'hubble-export-file-path': `/var/log/${name('path of a setting')}.log`,
      [name('unknown setting')]: name('unknown value'),
      'policy-secrets-namespace': name('namespace of a setting'),
    }),
  kubeadmConfig: ([config]) =>
    void Object.assign(config?.data ?? {}, {
      ClusterConfiguration: `apiServer:
  certSANs: [${hosts('SANs in flow style').join(', ')}]
  extraArgs:
  - {name: oidc-issuer-url, value: "https://${name('issuer')}.${name('issuer’s domain')}.cloud"}
clusterName: ${name('kubeadm’s cluster')}
controlPlaneEndpoint: ${name('endpoint')}.${name('endpoint’s domain')}.corp:6443
etcd: {external: {endpoints: ["https://${name('external etcd')}.${name('its domain too')}.dev:2379"]}}
kubernetesVersion: v1.36.3
networking: {dnsDomain: ${name('DNS domain')}.local, podSubnet: 10.244.0.0/16, serviceSubnet: 10.96.0.0/16}
`,
    }),
  clusterInfo: ([config]) =>
    void Object.assign(config?.data ?? {}, {
      kubeconfig: `clusters: [{name: ${name('cluster-info')}, cluster: {server: "https://${name('its server')}.zone:6443", certificate-authority-data: ${name('authority')}}}]\ncontexts: [{name: ${name('a context')}, context: {user: ${name('a user')}}}]\n`,
    }),
};

function withNames(all: RawDocuments): RawDocuments {
  const changed = Object.entries(documents).map(([key, change]): [string, unknown] => {
    const document = all[key as DocumentName];
    if ('missing' in document) throw new Error(`${key} was not recorded`);
    const value: unknown = structuredClone(document.value);
    change((Array.isArray(value) ? value : [value]) as Loose[]);
    return [key, { ...document, value }];
  });
  const detail = `daemonsets.apps is forbidden: User "${name('person')}" cannot list resource "ciliumnodeconfigs" in API group "cilium.io"; groups ${name('group')}`;
  return {
    ...all,
    ...Object.fromEntries(changed),
    ciliumNodeConfigs: { missing: 'forbidden', detail },
  };
}

/** Rules of others, before the end of the first table. */
const rules = (node: string): string =>
  [
    `:${name(`${node}: chain`).toUpperCase()} - [0:0]`,
    `-A INPUT -i ${name(`${node}: interface`)} -m comment --comment "${name(`${node}: comment`)} of ${name(`${node}: its second word`)}" -j ACCEPT`,
    `-A INPUT -o ${name(`${node}: out`)}+ -m mac --mac-source ${mac(`${node}: source`)} -j DROP`,
    `-A INPUT -m set --match-set ${name(`${node}: set`)} src -j DROP`,
    `-A INPUT -m physdev --physdev-in ${name(`${node}: bridge port`)} -j ACCEPT`,
    `-A INPUT -m nfacct --nfacct-name ${name(`${node}: counter`)} -j ACCEPT`,
    `-A INPUT -m hashlimit --hashlimit-upto 9/sec --hashlimit-name ${name(`${node}: limit`)} -j ACCEPT`,
    `-A INPUT -m recent --set --name ${name(`${node}: recent`)} --rsource`,
    `-A INPUT -m string --string "${name(`${node}: string`)}" --algo bm -j DROP`,
    `-A INPUT -m owner --uid-owner ${name(`${node}: owner`)} -j ACCEPT`,
    `-A INPUT -m cgroup --path ${name(`${node}: cgroup`)}.slice -j ACCEPT`,
    `-A INPUT -m devgroup --src-group ${name(`${node}: device group`)} -j ACCEPT`,
    `-A INPUT -j LOG --log-prefix "${name(`${node}: prefix`)}: "`,
    `-A INPUT -m quota2 --name ${name(`${node}: quota`)} -j ACCEPT`,
  ].join('\n');

const inFirstTable = (text: string, lines: string): string => text.replace('COMMIT\n', `${lines}\nCOMMIT\n`);

const interfaces = (text: string, node: string): string => {
  const links = JSON.parse(text) as Record<string, unknown>[];
  const link = {
    ...links.find(({ ifname }) => ifname === 'eth0'),
    ifindex: 990,
    ifname: name(`${node}: link`),
    ifalias: name(`${node}: alias`),
    altnames: [name(`${node}: altname`), name(`${node}: another altname`)],
    master: name(`${node}: master`),
    address: mac(`${node}: link`),
    addr_info: [
      {
        family: 'inet',
        local: '10.7.7.7',
        prefixlen: 32,
        scope: 'global',
        label: `${name(`${node}: address label`)}:1`,
      },
    ],
  };
  return JSON.stringify([...links, link]);
};

const status = (text: string, node: string): string => {
  const said = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify({
    ...said,
    'cluster-mesh': {
      clusters: [1, 2].map((i) => ({
        name: name(`${node}: mesh cluster ${i}`),
        connected: true,
        status: `ready at ${name(`${node}: mesh host`)}.lan`,
      })),
    },
    cluster: {
      self: `${name(`${node}: own cluster`)}/n1`,
      nodes: [{ name: `${name(`${node}: other cluster`)}/${name(`${node}: other node`)}` }],
    },
    encryption: {
      wireguard: { interfaces: [{ name: name(`${node}: wireguard`), 'public-key': name(`${node}: public key`) }] },
    },
    controllers: [
      {
        name: `sync-${name(`${node}: controller`)}/${name(`${node}: its pod`)}`,
        status: { 'last-failure-msg': `no ${name(`${node}: failure`)}` },
      },
    ],
  });
};

function withNode(node: RawNode): RawNode {
  const { name: at } = node;
  // In the columns of the row above.
  const health = (text: string): string => {
    const row = text.split('\n').find((line) => line.includes('upserted')) ?? '';
    return row.replace(/\d+ upserted/, name(`${at}: health message`));
  };
  const changes: Partial<Record<AnswerName, (text: string) => string>> = {
    iptablesNft: (text) => inFirstTable(text, rules(at)),
    addresses: (text) => interfaces(text, at),
    status: (text) => status(text, at),
    health: (text) => `${text.trimEnd()}\n${health(text)}\n`,
    kernel: (text) => `${text.trim()}-${name(`${at}: kernel build`)}\n`,
    nftTables: (text) => `${text}2 ${name(`${at}: nft table`)}\n`,
    ipsets: (text) => `${text}${name(`${at}: ipset`)}\n`,
    listeners: (text) => `${text}LISTEN 0      4096   [fe80::1%${name(`${at}: zone`)}]:9999  [::]:*\n`,
    startedConfig: (text) =>
      `${text.trimEnd()}\n${name(`${at}: started key`)}:${name(`${at}: started value`)}\ndevices:${name(`${at}: device`)}\n`,
    apiProbe: (text) => `${text.trimEnd()}${name(`${at}: complaint of a probe`)}\n`,
  };
  const changed = Object.entries(changes).reduce(
    (one, [answer, change]) => withAnswer(one, answer as AnswerName, change),
    node,
  );
  const { conntrack } = changed.answers;
  const complaint = `conntrack: ${name(`${at}: stderr`)} on ${name(`${at}: its host`)}.intra`;
  return conntrack === undefined || 'missing' in conntrack
    ? changed
    : { ...changed, answers: { ...changed.answers, conntrack: { ...conntrack, stderr: complaint } } };
}

async function run(...argv: readonly string[]): Promise<{ exitCode: number; stdout: string }> {
  const io = fakeIo();
  const exitCode = await main(argv, io);
  return { exitCode, stdout: io.stdout.text };
}

async function redacted(from: string, key?: string): Promise<string> {
  const file = join(temporaryFolder(), 'redacted.kpr');
  const { exitCode } = await run(
    'capture',
    '--from',
    from,
    '-o',
    file,
    '--redact',
    ...(key === undefined ? [] : ['--redact-key', key]),
  );
  expect(exitCode).toBe(0);
  return file;
}

const textOf = async (file: string): Promise<string> =>
  JSON.stringify({ ...(await collect(await openArchive(file))), origin: undefined }).toLowerCase();

const plant = (takenAt: string, later: (node: RawNode) => RawNode = (node) => node): Promise<string> => {
  planted.clear();
  macs = 0;
  return writeEdited(join(temporaryFolder(), 'canaries.kpr'), {
    of: join(import.meta.dirname, '../../../fixtures/recordings/healthy-1.20.kpr'),
    takenAt,
    documents: withNames,
    node: (node) => later(withNode(node)),
  });
};

async function codes(file: string): Promise<unknown> {
  const { exitCode, stdout } = await run('doctor', '--from', file, '-o', 'json');
  const { findings, checks } = JSON.parse(stdout) as ReportDocument;
  return [
    exitCode,
    findings.map(({ code, variant, nodes }) => [code, variant, nodes.length].join(' ')).sort(),
    checks.map(({ id, result }) => `${id} ${result}`),
  ];
}

async function difference(...files: readonly [string, string]): Promise<unknown> {
  const { exitCode, stdout } = await run('diff', ...files, '-o', 'json');
  const { summary, objects } = JSON.parse(stdout) as DiffDocument;
  // Nodes are counted: their names are others.
  const counted: unknown = JSON.parse(JSON.stringify(summary), (key, value: unknown) =>
    key.endsWith('On') && Array.isArray(value) ? value.length : value,
  );
  return [exitCode, counted, objects.length];
}

describe('a capture with names wherever people put them', () => {
  test('redacted, keeps none of them', { timeout: 60_000 }, async () => {
    const plain = await plant('2026-11-21T14:00:00Z');
    expect(planted.size).toBeGreaterThanOrEqual(250);
    const arrived = await textOf(plain);
    expect([...planted.keys()].filter((one) => arrived.includes(one)).length).toBeGreaterThan(200);
    const kept = await textOf(await redacted(plain));
    expect([...planted].filter(([one]) => kept.includes(one)).map(([, place]) => place)).toEqual([]);
  });

  test('gives the same codes afterwards, and differs as it did', { timeout: 60_000 }, async () => {
    const before = await plant('2026-11-21T14:00:00Z');
    // Two rules of others are gone later.
    const after = await plant('2026-11-21T15:00:00Z', (node) =>
      node.name === 'n1' ? withRules(node, (line) => !/--nfacct-name|--hashlimit-name/.test(line)) : node,
    );
    const [before2, after2] = [await redacted(before), await redacted(after)];
    expect(await codes(before2)).toEqual(await codes(before));
    const plain = await difference(before, after);
    expect(await difference(before2, after2)).toEqual(plain);
    expect(plain).toMatchObject([1, { others: { changedOn: 1, rules: { removed: 2 } } }, 0]);
  });
});

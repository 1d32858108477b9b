import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EndpointSlice, Pod, Service } from '../../src/model/kubernetes.ts';
import { isKnown, missing } from '../../src/model/Fact.ts';
import type { AnswerName, RawAnswer, RawDocument, RawDocuments, RawNode } from '../../src/model/raw.ts';
import { agentCommands } from '../../src/knowledge/nodeCommands.ts';
import { documentNames } from '../../src/model/raw.ts';
import { aNode, anAgentPod, aService, aSlice, ciliumConfig, healthyFacts } from './healthy.ts';

export interface ClusterSize {
  readonly nodes: number;
  /** Every fifth is a NodePort, the others are ClusterIPs. */
  readonly services: number;
  readonly backends: number;
}

/**
 * A healthy cluster as its API server and nodes would answer, of any size, node by node as a collector gives it. What
 * does not grow with the Services is recorded; tables are made in the form of the recorded ones, with IDs that differ
 * between nodes, as those of agents do that were started at different times.
 */
export function largeCluster({ nodes, services, backends }: ClusterSize): {
  readonly documents: RawDocuments;
  readonly nodes: () => Generator<RawNode>;
} {
  const names = Array.from({ length: nodes }, (_, i) => `n${i + 1}`);
  const made = Array.from({ length: services }, (_, i) => madeService(i, backends, names));
  return {
    documents: documentsOf(names, made),
    *nodes() {
      for (const [i, name] of names.entries()) yield { name, answers: answersOf(i, made) };
    },
  };
}

const nodeAddress = (index: number): string => `172.30.${1 + (index >> 8)}.${index & 255}`;

interface MadeService {
  readonly name: string;
  readonly clusterIP: string;
  readonly nodePort: number | undefined;
  readonly pods: readonly { readonly address: string; readonly node: string }[];
}

function madeService(i: number, backends: number, nodes: readonly string[]): MadeService {
  return {
    name: `service-${i}`,
    clusterIP: `10.${97 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`,
    // The range of NodePorts holds 2768.
    nodePort: i % 5 === 0 && i < 13_000 ? 30_000 + i / 5 : undefined,
    pods: Array.from({ length: backends }, (_, at) => {
      const pod = i * backends + at;
      return {
        address: `10.${128 + (pod >> 16)}.${(pod >> 8) & 255}.${pod & 255}`,
        node: nodes[pod % nodes.length] ?? '',
      };
    }),
  };
}

function documentsOf(names: readonly string[], made: readonly MadeService[]): RawDocuments {
  const facts = healthyFacts(names);
  const documents: Partial<Record<(typeof documentNames)[number], RawDocument>> = {};
  for (const name of documentNames) {
    const fact = facts[name];
    if (!isKnown<unknown>(fact)) documents[name] = fact;
    else if (fact.value === undefined) documents[name] = missing('absent', 'the API has none');
    else documents[name] = { value: fact.value, source: fact.source };
  }
  const own = (name: 'services' | 'endpointSlices'): readonly object[] => {
    const fact = facts[name];
    return isKnown<readonly object[]>(fact) ? fact.value : [];
  };
  return {
    ...(documents as RawDocuments),
    // The API gives numbers as text here.
    version: { value: { gitVersion: 'v1.36.3', major: '1', minor: '36' }, source: 'kubectl get --raw /version' },
    nodes: { value: names.map((name, i) => aNode(name, addresses(name, i))), source: 'kubectl get nodes -o json' },
    systemPods: {
      value: names.map((name, i) => anAgentPod(name, { podIP: nodeAddress(i) })),
      source: 'kubectl get pods -A -l k8s-app=cilium -o json',
    },
    services: { value: [...own('services'), ...made.map(serviceObject)], source: 'kubectl get services -A -o json' },
    endpointSlices: {
      value: [...own('endpointSlices'), ...made.map(sliceObject)],
      source: 'kubectl get endpointslices -A -o json',
    },
    pods: {
      value: [...names.map((name, i) => anAgentPod(name, { podIP: nodeAddress(i) })), ...made.flatMap(podObjects)],
      source: 'kubectl get pods -A -o json',
    },
    ciliumConfig: {
      value: {
        metadata: { name: 'cilium-config', namespace: 'kube-system' },
        data: { ...Object.fromEntries(ciliumConfig), 'default-lb-service-ipam': 'none' },
      },
      source: 'kubectl -n kube-system get configmap cilium-config -o json',
    },
  };
}

const addresses = (name: string, i: number) => ({
  status: {
    ...aNode(name).status,
    addresses: [
      { type: 'InternalIP', address: nodeAddress(i) },
      { type: 'Hostname', address: name },
    ],
  },
});

const serviceObject = ({ name, clusterIP, nodePort }: MadeService): Service =>
  aService(
    name,
    {
      type: nodePort === undefined ? 'ClusterIP' : 'NodePort',
      clusterIP,
      clusterIPs: [clusterIP],
      ports: [{ name: 'http', port: 80, protocol: 'TCP', ...(nodePort !== undefined && { nodePort }) }],
    },
    { uid: uidOf(name), resourceVersion: '1000' },
  );

const sliceObject = ({ name, pods }: MadeService): EndpointSlice => ({
  ...aSlice(name, [], {
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    metadata: {
      name: `${name}-x7k2p`,
      namespace: 'default',
      uid: uidOf(`${name}-x7k2p`),
      resourceVersion: '1000',
      labels: {
        'kubernetes.io/service-name': name,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      },
      annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': '2026-11-21T08:00:10Z' },
    },
  }),
  endpoints: pods.map(({ address, node }, at) => ({
    addresses: [address],
    conditions: { ready: true, serving: true, terminating: false },
    nodeName: node,
    targetRef: { kind: 'Pod', namespace: 'default', name: `${name}-6b8f9-${at}`, uid: uidOf(`${name}-${at}`) },
  })),
});

const podObjects = ({ name, pods }: MadeService): readonly Pod[] =>
  pods.map(({ address, node }, at) => ({
    metadata: {
      name: `${name}-6b8f9-${at}`,
      namespace: 'default',
      uid: uidOf(`${name}-${at}`),
      resourceVersion: '1000',
      labels: { app: name, 'pod-template-hash': '6b8f9' },
      creationTimestamp: '2026-11-21T08:00:00Z',
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${name}-6b8f9`, controller: true }],
    },
    spec: { nodeName: node, containers: [{ name: 'server', ports: [{ containerPort: 8080, protocol: 'TCP' }] }] },
    status: {
      phase: 'Running',
      podIP: address,
      podIPs: [{ ip: address }],
      startTime: '2026-11-21T08:00:00Z',
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  }));

/** A UUID's form, from a name. */
const uidOf = (name: string): string =>
  Buffer.from(name.padEnd(16, '-').slice(-16), 'latin1')
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

/** What every node says alike, recorded with 1.20. */
const recorded = {
  status: 'status.json',
  health: 'db-health.txt',
  metrics: 'metrics.txt',
  cgroupPrograms: 'cgroup-show.json',
  listeners: 'listen.txt',
  kernel: 'uname.txt',
} as const satisfies Partial<Record<AnswerName, string>>;

const readRecorded = (file: string): string =>
  readFileSync(join(import.meta.dirname, '..', 'fixtures', 'parse', '1.20.1', file), 'utf8');

const maps = ['services_v2', 'backends_v3', 'reverse_nat', 'affinity', 'source_range'];

function answersOf(index: number, made: readonly MadeService[]): RawNode['answers'] {
  const address = nodeAddress(index);
  const { list, frontends, backendRows, revnat, agentRows } = tablesOf(index, address, made);
  const texts: Partial<Record<keyof typeof agentCommands, string>> = {
    ...Object.fromEntries(Object.entries(recorded).map(([answer, file]) => [answer, readRecorded(file)])),
    nodeAddresses: columns([
      ['Address', 'NodePort', 'Primary', 'DeviceName'],
      [address, 'true', 'true', 'eth0'],
      [address, 'false', 'true', '*'],
    ]),
    frontends: agentRows,
    lbList: list,
    lbFrontends: frontends,
    lbBackends: backendRows,
    lbRevnat: revnat,
    lbSourceRanges: '{}\n',
    lbMaps: maps
      .map((map) => `{"id":1,"type":"hash","name":"cilium_lb4_${map}","bytes_key":12,"max_entries":65536}\n`)
      .join(''),
    startedConfig: [...ciliumConfig, ['default-lb-service-ipam', 'none']]
      .map(([key, value]) => `${key}:${value}\n`)
      .join(''),
    iptablesNft: iptables,
    ip6tablesNft: iptables,
    iptablesLegacy: '',
    ip6tablesLegacy: '',
    addresses: JSON.stringify([
      { ifname: 'eth0', flags: ['UP', 'LOWER_UP'], operstate: 'UP', addr_info: [{ family: 'inet', local: address }] },
    ]),
    nftTables: '2 filter 2\n10 filter 2\n',
    conntrack: '',
    ipsets: '',
    ipvs: '',
    proxyHealth: 'nobody\n',
  };
  const probes: Partial<Record<AnswerName, string>> = {
    apiProbe: 'host=172.30.0.1 port=6443 resolved=172.30.0.1 connect=open detail=\n',
    dnsProbe: ['clusterIP % 10.96.0.10', 'endpoint % 10.244.0.10', 'endpoint % 10.244.1.10']
      .flatMap((server) => ['UDP', 'TCP'].map((protocol) => server.replace('%', protocol)))
      .map((server) => `${server} 53 answered 4b5085800001000100000000\n`)
      .join(''),
  };
  return Object.fromEntries(
    Object.entries({ ...texts, ...probes }).map(([answer, text]): [string, RawAnswer] => [
      answer,
      { text, stderr: '', exitCode: 0, command: isCommand(answer) ? agentCommands[answer].shown : 'sh -c probe' },
    ]),
  );
}

const isCommand = (answer: string): answer is keyof typeof agentCommands => answer in agentCommands;

const iptables = `*filter
:INPUT ACCEPT [0:0]
:CILIUM_INPUT - [0:0]
-A INPUT -m comment --comment "cilium-feeder: CILIUM_INPUT" -j CILIUM_INPUT
COMMIT
`;

interface Row {
  readonly address: string;
  readonly type: 'ClusterIP' | 'NodePort';
  readonly routable: boolean;
  readonly service: string;
  readonly portName: string;
  readonly backends: readonly string[];
}

function tablesOf(
  index: number,
  node: string,
  made: readonly MadeService[],
): Record<'list' | 'frontends' | 'backendRows' | 'revnat' | 'agentRows', string> {
  const rows = [...systemRows, ...made.flatMap((service) => rowsOf(service, node))];
  const backends = [...new Set(rows.flatMap((row) => row.backends))];
  // Agents give IDs in the order in which they hear of things.
  const idOf = (at: number, count: number): number => ((at + index * 97) % count) + 1;
  const backendIds = new Map(backends.map((key, at) => [key, idOf(at, backends.length)]));
  const list: Record<string, string[]> = {};
  const frontends: Record<string, string[]> = {};
  const revnat: Record<string, string[]> = {};
  for (const [at, row] of rows.entries()) {
    const id = idOf(at, rows.length);
    const words = row.routable ? row.type : `${row.type}, non-routable`;
    const bits = `[0x${((row.type === 'NodePort' ? 2 : 0) | (row.routable ? 0x40 : 0)).toString(16)} 0x0]`;
    list[`${row.address} (0)`] = [`0.0.0.0:0 (${id}) (0) [${words}] `];
    frontends[`${row.address} (0)`] = [`0 ${row.backends.length}[0] (${id}) ${bits}`];
    for (const [slot, backend] of row.backends.entries()) {
      list[`${row.address} (${slot + 1})`] = [`${backend} (${id}) (${slot + 1})`];
      frontends[`${row.address} (${slot + 1})`] = [`${backendIds.get(backend) ?? 0} 0[0] (${id}) ${bits}`];
    }
    revnat[String(id)] = [row.address.slice(0, row.address.lastIndexOf('/'))];
  }
  const backendRows = Object.fromEntries(
    [...backendIds].map(([key, id]) => {
      const [endpoint = '', protocol = ''] = key.split('/');
      return [String(id), [`${protocol}://${endpoint.slice(0, endpoint.lastIndexOf(':'))}`]];
    }),
  );
  return {
    list: json(list),
    frontends: json(frontends),
    backendRows: json(backendRows),
    revnat: json(revnat),
    agentRows: agentTable(rows.filter(({ type, routable }) => type === 'ClusterIP' || !routable)),
  };
}

const systemRows: readonly Row[] = [
  ['10.96.0.1:443/TCP', 'default/kubernetes', 'https', ['172.30.0.1:6443/TCP']],
  ['10.96.0.10:53/UDP', 'kube-system/kube-dns', 'dns', ['10.244.0.10:53/UDP', '10.244.1.10:53/UDP']],
  ['10.96.0.10:53/TCP', 'kube-system/kube-dns', 'dns-tcp', ['10.244.0.10:53/TCP', '10.244.1.10:53/TCP']],
].map(([address, service, portName, backends]) => ({
  address: String(address),
  type: 'ClusterIP',
  routable: false,
  service: String(service),
  portName: String(portName),
  backends: Array.isArray(backends) ? backends : [],
}));

function rowsOf({ name, clusterIP, nodePort, pods }: MadeService, node: string): readonly Row[] {
  const shared = {
    service: `default/${name}`,
    portName: 'http',
    backends: pods.map(({ address }) => `${address}:8080/TCP`),
  };
  const own = { ...shared, address: `${clusterIP}:80/TCP`, type: 'ClusterIP', routable: false } as const;
  if (nodePort === undefined) return [own];
  return [
    own,
    { ...shared, address: `0.0.0.0:${nodePort}/TCP`, type: 'NodePort', routable: false },
    { ...shared, address: `${node}:${nodePort}/TCP`, type: 'NodePort', routable: true },
  ];
}

const agentTable = (rows: readonly Row[]): string =>
  columns([
    ['Address', 'Type', 'ServiceName', 'PortName', 'Backends', 'RedirectTo', 'Status', 'Since', 'Error'],
    ...rows.map(({ address, type, service, portName, backends }) => {
      const about = [address, type, service, portName, backends.join(', ')];
      return [...about, '', 'Done', '23s', ''];
    }),
  ]);

/** As `db/show` prints tables: columns as wide as their widest cell. */
function columns(cells: readonly (readonly string[])[]): string {
  const widths = cells[0]?.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0))) ?? [];
  return `${cells.map((row) => row.map((cell, at) => cell.padEnd((widths[at] ?? 0) + 3)).join('')).join('\n')}\n`;
}

/** As Go prints a map: by its keys. */
const json = (rowsByKey: object): string => `${JSON.stringify(sorted(rowsByKey), undefined, 2)}\n`;

const sorted = (object: object): object =>
  Object.fromEntries(Object.entries(object).toSorted(([a], [b]) => (a < b ? -1 : 1)));

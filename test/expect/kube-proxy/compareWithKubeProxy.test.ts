import { describe, expect, it } from 'vitest';
import { compareWithKubeProxy, type ProxyComparison } from '../../../src/expect/kube-proxy/compareWithKubeProxy.ts';
import type { ExpectedTable } from '../../../src/expect/lb/ExpectedTable.ts';
import { expectNodeOf } from '../../../src/expect/lb/ExpectNode.ts';
import { type ApiObjects, expectTable } from '../../../src/expect/lb/expectTable.ts';
import { lbConfigWith } from '../../support/agentConfigs.ts';
import { type KubeProxyDifferenceName, kubeProxyDifferences } from '../../../src/knowledge/kubeProxyDifferences.ts';
import type { Service } from '../../../src/model/kubernetes.ts';
import { familyOf } from '../../../src/model/lb/address.ts';
import { frontendKey } from '../../../src/model/lb/keys.ts';
import type { ProxyAnswer, ProxyKind, ProxyRow, ProxyTable } from '../../../src/model/lb/ProxyTable.ts';
import { parseNodeAddresses } from '../../../src/parse/parseNodeAddresses.ts';
import { aPod, aService, aSlice, onNode, twoBackends } from '../../support/lbObjects.ts';
import { type SampleName, sampleObjects, sampleText } from '../../support/lbSamples.ts';
import { iptablesRows, proxyText, recordedRows, shopObjects } from '../../support/proxyRecordings.ts';
import { aBackendKey, aFrontendKey } from '../../support/keys.ts';

interface Changes {
  readonly proxy?: ProxyTable;
  readonly objects?: (objects: ApiObjects) => ApiObjects;
  readonly expected?: (table: ExpectedTable) => ExpectedTable;
}

/** A recorded cluster, our expectation of a node against what kube-proxy had there. */
function compareRecorded(
  sample: SampleName | 'shop',
  name: string,
  file: string,
  { proxy = recordedRows(file), objects: edit = (same) => same, expected: adjust = (same) => same }: Changes = {},
): ProxyComparison {
  const { nodes, version, ciliumConfig, ...recorded } = sample === 'shop' ? shopObjects() : sampleObjects(sample);
  const listed = nodes.find(({ metadata }) => metadata.name === name);
  const text =
    sample === 'shop'
      ? proxyText(`shop/${name}/node-addresses.txt`)
      : sampleText(sample, name, 'db-node-addresses.txt');
  const addresses = parseNodeAddresses(text);
  if (listed === undefined || !addresses.ok) throw new Error(`${sample} ${name}: no such recording`);
  const node = expectNodeOf(listed, addresses.value);
  const config = lbConfigWith(ciliumConfig, version);
  const objects = edit(recorded);
  return compareWithKubeProxy({
    expected: adjust(expectTable({ node, config, objects })),
    proxy,
    node,
    config,
    objects,
  });
}

const unintended = ({ differences }: ProxyComparison): readonly string[] =>
  differences
    .filter(({ intended }) => intended.length === 0)
    .map(({ what, frontend, source, cilium, kubeProxy }) =>
      [what, frontend, ...(source === undefined ? [] : [source]), cilium.join(), '/', kubeProxy.join()].join(' '),
    )
    .toSorted();

/** How often each reason was given. */
function reasonsOf({ differences }: ProxyComparison): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of differences.flatMap(({ intended }) => intended)) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

describe('kube-proxy beside Cilium on the same cluster', () => {
  const everywhere = { annotatedNodes: 1, annotatedType: 1, firstAddressOnly: 2, portNames: 2, topologyHints: 4 };
  // n1 has no endpoint of the Services with policy Local, n2 has the only one.
  const onN1 = {
    ...everywhere,
    dropWithoutLocalBackend: 13,
    externalIPsHaveOneScope: 2,
    internalPolicyOnExternalAddresses: 6,
  };
  const strangers = {
    ...onN1,
    dropWithoutLocalBackend: 16,
    externalIPsHaveOneScope: 1,
    internalPolicyOnExternalAddresses: 4,
    noPodDetection: 8,
  };

  it.each([
    ['1.20.1', 'n1', '1.20.1/n1/iptables-save.txt', 13, { clusterIPFromOutside: 7, nodePortOnLoopback: 2 }],
    ['1.20.1', 'n2', '1.20.1/n2/iptables-save.txt', 13, { clusterIPFromOutside: 7, nodePortOnLoopback: 2 }],
    ['1.19.6-dsr-maglev', 'n1', '1.19.6-dsr-maglev/n1/nft.json', 13, { clusterIPFromOutside: 7 }],
    ['1.19.6-dsr-maglev', 'n2', '1.19.6-dsr-maglev/n2/nft.json', 13, { clusterIPFromOutside: 7 }],
    ['shop', 'n1', 'shop/n1/iptables-save.txt', 71, { ...onN1, clusterIPFromOutside: 25, nodePortOnLoopback: 14 }],
    [
      'shop',
      'n2',
      'shop/n2/iptables-save.txt',
      71,
      { ...everywhere, clusterIPFromOutside: 28, hostPorts: 2, nodePortOnLoopback: 14 },
    ],
    ['shop', 'n1', 'shop/n1/nft.json', 71, { ...onN1, clusterIPFromOutside: 25 }],
    ['shop', 'n2', 'shop/n2/nft.json', 71, { ...everywhere, clusterIPFromOutside: 28, hostPorts: 2 }],
    ['shop', 'n1', 'shop/n1/iptables-save-narrow.txt', 71, { ...strangers, clusterIPFromOutside: 25 }],
    ['shop', 'n1', 'shop/n1/nft-all.json', 71, { ...strangers, clusterIPFromOutside: 25 }],
  ] as const)('%s %s, %s: no difference but those that are intended', (sample, node, file, compared, reasons) => {
    const comparison = compareRecorded(sample, node, file);
    expect(unintended(comparison)).toEqual([]);
    expect(comparison).toMatchObject({ compared, unknown: [] });
    expect(reasonsOf(comparison)).toEqual(reasons);
  });
});

const inTable =
  (text: string, change: Partial<NonNullable<ReturnType<ExpectedTable['frontends']['get']>>>) =>
  (table: ExpectedTable): ExpectedTable => {
    const key = aFrontendKey(text);
    const row = table.frontends.get(key);
    if (row === undefined) throw new Error(`no row ${key}`);
    return { ...table, frontends: new Map([...table.frontends, [key, { ...row, ...change }]]) };
  };

const gone = (objects: ApiObjects): ApiObjects => ({
  ...objects,
  services: objects.services.filter(({ metadata }) => metadata.name !== 'external'),
});

const more = (objects: ApiObjects): ApiObjects => ({
  ...objects,
  services: [...objects.services, aService({ clusterIP: '10.96.0.99' })],
  endpointSlices: [...objects.endpointSlices, twoBackends],
});

const withoutRange = (all: string) => all.replace(/^.*-A KUBE-FW-\S+ -s 172\.30\.0\.0\/24 .*\n/m, '');

const dropped = (rule: string): string => rule.replace(/-j REJECT.*/, '-j DROP');

const withUnknownMatches = (all: string) =>
  all
    .replace(
      /(-A KUBE-SVC-\S+) (-m comment --comment "default\/external:http -> 10\.244\.0\.207)/,
      '$1 -m string --string x $2',
    )
    .replace(/(-A KUBE-SERVICES) (-d 10\.96\.0\.1\/32)/, '$1 --what $2');

describe('what is not intended', () => {
  const file = 'shop/n1/iptables-save.txt';
  const text = proxyText(file);
  const withText = (change: (text: string) => string) => ({ proxy: iptablesRows(change(text)) });
  const of = (changes: Changes): readonly string[] => unintended(compareRecorded('shop', 'n1', file, changes));

  it('an endpoint that kube-proxy does not know', () => {
    const rule = /^.*-A KUBE-SVC-\S+ .*"default\/external:http -> 10\.244\.0\.207:8080".*\n/m;
    const sets =
      '10.244.0.207:8080/TCP,10.244.0.96:8080/TCP,10.244.1.4:8080/TCP / 10.244.0.96:8080/TCP,10.244.1.4:8080/TCP';
    expect(of(withText((all) => all.replace(rule, '')))).toEqual([
      `backends 10.96.136.35:80/TCP node ${sets}`,
      `backends 10.96.136.35:80/TCP pod ${sets}`,
      `backends 203.0.113.20:80/TCP node ${sets}`,
      `backends 203.0.113.20:80/TCP outside ${sets}`,
      `backends 203.0.113.20:80/TCP pod ${sets}`,
    ]);
  });

  it.each([
    ['hints', '10.96.126.98:80/TCP', ['192.0.2.31:8080/TCP', '192.0.2.99:8080/TCP']],
    ['several addresses', '10.96.251.111:80/TCP', ['192.0.2.52:8080/TCP']],
    ['another port name', '10.96.24.19:80/TCP', ['192.0.2.62:8080/TCP']],
  ])('our own mistake in a Service that has a known difference: %s', (_title, key, selectable) => {
    expect(
      of({ expected: inTable(key, { selectable: selectable.map(aBackendKey) }) }).map((line) =>
        line.split(' ', 3).join(' '),
      ),
    ).toEqual([`backends ${key} node`, `backends ${key} pod`]);
  });

  it('policy Local forgotten by kube-proxy, or by us', () => {
    const key = '10.96.245.68:80/TCP';
    expect(of({ expected: inTable(key, { selectable: [aBackendKey('10.244.1.152:8080/TCP')] }) })).toEqual([
      `backends ${key} node 10.244.1.152:8080/TCP / drop`,
      `backends ${key} pod 10.244.1.152:8080/TCP / drop`,
    ]);
  });

  it('a Service that kube-proxy still serves', () => {
    const all = '10.244.0.207:8080/TCP,10.244.0.96:8080/TCP,10.244.1.4:8080/TCP';
    expect(of({ objects: gone })).toEqual([
      `onlyInKubeProxy 10.96.136.35:80/TCP  / ${all}`,
      `onlyInKubeProxy 203.0.113.20:80/TCP  / ${all}`,
    ]);
  });

  it('a Service that kube-proxy does not serve', () => {
    expect(of({ objects: more })).toEqual(['onlyInCilium 10.96.0.99:80/TCP 10.1.1.1:8080/TCP,10.1.2.1:8080/TCP / ']);
  });

  it('another stickiness', () => {
    expect(of(withText((all) => all.replaceAll('--seconds 600 ', '--seconds 60 ')))).toEqual([
      'affinity 0.0.0.0:31103/TCP 600 / 60',
      'affinity 10.96.71.203:80/TCP 600 / 60',
      'affinity 198.51.100.12:80/TCP 600 / 60',
    ]);
  });

  it('other source ranges', () => {
    expect(of(withText(withoutRange))).toEqual([
      'sourceRanges 198.51.100.12:80/TCP 172.30.0.0/24,192.0.2.0/24 / 192.0.2.0/24',
    ]);
  });

  it('a drop where nothing is Local, and nothing at all', () => {
    const refuses = /-A KUBE-SERVICES -d 10\.96\.123\.185\/32 .*\n/;
    expect(of(withText((all) => all.replace(refuses, dropped)))).toEqual(
      ['node', 'pod'].map((source) => `refusal 10.96.123.185:80/TCP ${source} reject / drop`),
    );
  });

  it('a rule that is not understood, on the way of a row and elsewhere', () => {
    const comparison = compareRecorded('shop', 'n1', file, withText(withUnknownMatches));
    expect(unintended(comparison)).toEqual([
      expect.stringContaining('doubt 10.96.136.35:80/TCP'),
      expect.stringContaining('doubt 203.0.113.20:80/TCP'),
      expect.stringContaining('onlyInCilium 10.96.0.1:443/TCP'),
    ]);
    expect(comparison.unknown).toEqual(['1 of kube-proxy’s rules were not understood']);
  });

  it('rules that nothing leads to are no judge', () => {
    const unhooked = withText((all) => all.replace(/^\S+ -A (?:PREROUTING|OUTPUT) .*KUBE-SERVICES$/gm, ''));
    expect(compareRecorded('shop', 'n1', file, unhooked).unknown).toEqual([
      'nothing leads to kube-proxy’s rules, so they are not in effect',
    ]);
  });
});

const both = ['10.1.1.1:8080/TCP', '10.1.2.1:8080/TCP'];
const nearby = ['10.1.1.1:8080/TCP'];

type Answer = readonly string[] | 'reject' | 'drop';
const answerOf = (answer: Answer): ProxyAnswer =>
  typeof answer === 'string' ? { kind: answer } : { kind: 'balance', backends: answer.map(aBackendKey) };

/** A row of kube-proxy with one answer for all. */
function proxyRow(at: string, kind: ProxyKind, answer: Answer, rest: Partial<ProxyRow> = {}): ProxyRow {
  const [, address = '', port = ''] = /^(.+):(\d+)$/.exec(at) ?? [];
  const one = answerOf(answer);
  return {
    key: frontendKey(address, Number(port), 'TCP', 'external'),
    address,
    port: Number(port),
    protocol: 'TCP',
    kind,
    service: undefined,
    answers: { outside: one, pod: one, node: one },
    affinityTimeout: 0,
    sourceRanges: [],
    onLoopback: false,
    doubt: undefined,
    ...rest,
  };
}

interface Small {
  readonly services?: readonly Service[];
  readonly slices?: ApiObjects['endpointSlices'];
  readonly rest?: Partial<ApiObjects>;
  readonly rows: readonly ProxyRow[];
  readonly version?: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly nodePortAddresses?: readonly string[];
}

/** Node n1 (172.30.0.11, Cilium 1.20 unless said otherwise) with the given objects. */
function compareSmall({
  services = [aService()],
  slices = [twoBackends],
  rest,
  rows,
  version = '1.20.1',
  settings,
  nodePortAddresses = ['172.30.0.11'],
}: Small): ProxyComparison {
  const node = {
    name: 'n1',
    labels: {},
    nodePortAddresses,
    localAddresses: nodePortAddresses,
    clusterAddresses: new Set<string>(),
  };
  const config = lbConfigWith(
    { 'kube-proxy-replacement': 'true', 'bpf-lb-external-clusterip': 'true', ...settings },
    version,
  );
  const objects = { services, endpointSlices: slices, pods: [], localRedirectPolicies: [], ...rest };
  const families = new Set(rows.map(({ address }) => familyOf(address)));
  return compareWithKubeProxy({
    expected: expectTable({ node, config, objects }),
    proxy: {
      mode: 'nftables',
      families,
      rows: new Map(rows.map((row) => [row.key, row])),
      hooked: true,
      notUnderstood: [],
    },
    node,
    config,
    objects,
  });
}

const clusterIP = (answer: Answer, rest?: Partial<ProxyRow>): ProxyRow =>
  proxyRow('10.96.0.9:80', 'ClusterIP', answer, rest);
const balanced = (spec: Parameters<typeof aService>[0] = {}): Service =>
  aService({
    type: 'LoadBalancer',
    ports: [{ name: 'http', port: 80, protocol: 'TCP', nodePort: 31000 }],
    status: { loadBalancer: { ingress: [{ ip: '198.51.100.9' }] } },
    ...spec,
  });
const balancedRows = (rest: Partial<ProxyRow> = {}): readonly ProxyRow[] => [
  clusterIP(both),
  proxyRow('198.51.100.9:80', 'LoadBalancer', both, rest),
  proxyRow('0.0.0.0:31000', 'NodePort', both),
];

/** Differences that the recorded clusters do not have; each with a cluster that has nothing else. */
const cases: Partial<Record<KubeProxyDifferenceName, Small>> = {
  nodePortAddresses: {
    services: [balanced()],
    rows: [...balancedRows().slice(0, 2), proxyRow('172.30.0.11:31000', 'NodePort', both)],
    nodePortAddresses: ['172.30.0.11', '192.0.2.11'],
  },
  endpointsWithoutNode: {
    services: [aService({ internalTrafficPolicy: 'Local' })],
    slices: [aSlice([onNode('10.1.1.1', 'n1'), { addresses: ['10.1.2.1'] }])],
    rows: [clusterIP(nearby)],
  },
  duplicateEndpoints: {
    slices: [
      aSlice([
        onNode('10.1.1.1', 'n1'),
        onNode('10.1.2.1', 'n2', { conditions: { ready: false, serving: false, terminating: false } }),
      ]),
      aSlice([onNode('10.1.2.1', 'n2')], { name: 'cart-y' }),
    ],
    rows: [clusterIP(nearby)],
  },
  servingNotReady: {
    slices: [
      aSlice([
        onNode('10.1.1.1', 'n1'),
        onNode('10.1.2.1', 'n2', { conditions: { ready: false, serving: true, terminating: false } }),
      ]),
    ],
    rows: [clusterIP(nearby)],
    version: '1.18.4',
  },
  weightZero: {
    slices: [
      aSlice([onNode('10.1.1.1', 'n1')]),
      aSlice([onNode('10.1.2.1', 'n2')], {
        name: 'cart-y',
        meta: { labels: { 'kubernetes.io/service-name': 'cart' }, annotations: { 'service.cilium.io/weight': '0' } },
      }),
    ],
    rows: [clusterIP(both)],
  },
  ingressPlaceholder: {
    slices: [aSlice([{ addresses: ['192.192.192.192'] }], { ports: [{ name: 'http', port: 9999, protocol: 'TCP' }] })],
    rows: [clusterIP(['192.192.192.192:9999/TCP'])],
  },
  otherClusters: {
    slices: [
      aSlice([onNode('10.1.1.1', 'n1')]),
      aSlice([onNode('10.1.2.1', 'n2')], {
        name: 'cart-mesh',
        meta: {
          labels: {
            'kubernetes.io/service-name': 'cart',
            'endpointslice.kubernetes.io/managed-by': 'endpointslice-mesh-controller.cilium.io',
          },
        },
      }),
    ],
    rows: [clusterIP(both)],
  },
  localRedirects: {
    settings: { 'enable-local-redirect-policy': 'true' },
    rest: {
      pods: [aPod('cache', [{ name: 'http', containerPort: 8080, protocol: 'TCP' }])],
      localRedirectPolicies: [
        {
          metadata: { name: 'cache', namespace: 'shop' },
          spec: {
            redirectFrontend: { serviceMatcher: { serviceName: 'cart', namespace: 'shop' } },
            redirectBackend: {
              localEndpointSelector: { matchLabels: { app: 'cache' } },
              toPorts: [{ port: '8080', protocol: 'TCP', name: 'http' }],
            },
          },
        },
      ],
    },
    rows: [clusterIP(both)],
  },
  serviceProxyName: { settings: { 'k8s-service-proxy-name': 'cilium' }, rows: [clusterIP(both)] },
  replacementOff: { services: [balanced()], settings: { 'kube-proxy-replacement': 'false' }, rows: balancedRows() },
  nodeAddressAsFrontend: {
    services: [aService({ ports: [{ name: 'http', port: 31500, protocol: 'TCP' }], externalIPs: ['172.30.0.11'] })],
    rows: [proxyRow('10.96.0.9:31500', 'ClusterIP', both), proxyRow('172.30.0.11:31500', 'ExternalIPs', both)],
  },
  sourceRangesOnOtherTypes: {
    services: [balanced({ loadBalancerSourceRanges: ['192.0.2.0/24'] })],
    settings: { 'bpf-lb-source-range-all-types': 'true' },
    rows: balancedRows({ sourceRanges: ['192.0.2.0/24'] }),
  },
  sourceRangesOff: {
    services: [balanced({ loadBalancerSourceRanges: ['192.0.2.0/24'] })],
    settings: { 'enable-svc-source-range-check': 'false' },
    version: '1.18.4',
    rows: balancedRows({ sourceRanges: ['192.0.2.0/24'] }),
  },
  sourceRangesDeny: {
    services: [
      balanced({
        loadBalancerSourceRanges: ['192.0.2.0/24'],
        meta: { annotations: { 'service.cilium.io/src-ranges-policy': 'deny' } },
      }),
    ],
    rows: balancedRows({ sourceRanges: ['192.0.2.0/24'] }),
  },
  healthCheckAddress: {
    services: [
      balanced({ externalTrafficPolicy: 'Local', internalTrafficPolicy: 'Local', healthCheckNodePort: 32000 }),
    ],
    slices: [aSlice([onNode('10.1.1.1', 'n1')])],
    settings: { 'enable-health-check-loadbalancer-ip': 'true' },
    rows: [
      clusterIP(nearby),
      proxyRow('198.51.100.9:80', 'LoadBalancer', nearby),
      proxyRow('0.0.0.0:31000', 'NodePort', nearby),
    ],
  },
};

describe('differences by themselves', () => {
  it.each(Object.entries(cases))('%s', (name, small) => {
    const comparison = compareSmall(small);
    expect(unintended(comparison)).toEqual([]);
    expect(Object.keys(reasonsOf(comparison))).toEqual([name]);
  });

  it('an address that two Services claim: one of both is right, and the other may be missing', () => {
    const services = [
      aService({ externalIPs: ['203.0.113.1'] }),
      aService({ name: 'rival', clusterIP: '10.96.0.8', externalIPs: ['203.0.113.1'] }),
    ];
    const rival = aSlice([onNode('10.1.1.9', 'n1')], { service: 'rival' });
    const rows = [clusterIP(both), proxyRow('203.0.113.1:80', 'ExternalIPs', ['10.1.1.9:8080/TCP'])];
    const comparison = compareSmall({ services, slices: [twoBackends, rival], rows });
    expect(unintended(comparison)).toEqual([]);
    expect(reasonsOf(comparison)).toEqual({ contestedAddresses: 1 });
  });

  it('before 1.17 TCP and UDP share a row, which is as both together', () => {
    const ports = [
      { name: 'tcp', port: 53, protocol: 'TCP' },
      { name: 'udp', port: 53, protocol: 'UDP' },
    ];
    const slice = aSlice([onNode('10.1.1.1', 'n1')], { ports: ports.map((port) => ({ ...port, port: 5353 })) });
    const row = proxyRow('10.96.0.9:53', 'ClusterIP', ['10.1.1.1:5353/TCP']);
    const udp: ProxyRow = {
      ...row,
      key: aFrontendKey('10.96.0.9:53/UDP'),
      protocol: 'UDP',
      answers: clusterIP(['10.1.1.1:5353/UDP']).answers,
    };
    const given = { services: [aService({ ports })], slices: [slice], version: '1.16.9' };
    expect(compareSmall({ ...given, rows: [row, udp] })).toEqual({ compared: 1, differences: [], unknown: [] });
    const stale = { ...udp, answers: clusterIP(['10.1.1.2:5353/UDP']).answers };
    expect(unintended(compareSmall({ ...given, rows: [row, stale] }))).toHaveLength(3);
  });

  it('every one that a comparison may name is tested', () => {
    const recorded = [
      'nodePortOnLoopback',
      'dropWithoutLocalBackend',
      'internalPolicyOnExternalAddresses',
      'externalIPsHaveOneScope',
      'noPodDetection',
      'clusterIPFromOutside',
      'topologyHints',
      'firstAddressOnly',
      'portNames',
      'hostPorts',
      'annotatedType',
      'annotatedNodes',
      'contestedAddresses',
    ];
    const named = Object.entries(kubeProxyDifferences)
      .filter(([, { seen }]) => seen === 'rows')
      .map(([name]) => name);
    expect([...Object.keys(cases), ...recorded].toSorted()).toEqual(named.toSorted());
  });
});

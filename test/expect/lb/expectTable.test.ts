import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EndpointSlice, Service } from '../../../src/model/kubernetes.ts';
import { aPod, aService, aSlice, expectation, onNode, rowsOf, twoBackends } from '../../support/lbObjects.ts';
import { aFrontendKey } from '../../support/keys.ts';

const both = '10.1.1.1:8080/TCP 10.1.2.1:8080/TCP';
const local = '10.1.1.1:8080/TCP';
const nodePort = { type: 'NodePort', ports: [{ name: 'http', port: 80, nodePort: 30080 }] };
const balancer = {
  type: 'LoadBalancer',
  ports: [{ name: 'http', port: 80, nodePort: 30080 }],
  status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } },
};

/** Of the rows of an external IP, why they may be absent. */
const optionalAt = (address: string, port: number): readonly (string | undefined)[] => {
  const services = [aService({ externalIPs: [address], ports: [{ name: 'http', port }] })];
  const rows = [...expectation({ services }).frontends.values()];
  return rows.flatMap((row) => (row.type === 'ExternalIPs' ? [row.optional] : []));
};

describe('kinds of frontends', () => {
  it.each([
    ['ClusterIP', aService(), [`10.96.0.9:80/TCP ClusterIP: ${both}`]],
    [
      'NodePort: under the zero address and every node address',
      aService(nodePort),
      [
        `10.96.0.9:80/TCP ClusterIP: ${both}`,
        `0.0.0.0:30080/TCP NodePort: ${both}`,
        `172.30.0.11:30080/TCP NodePort: ${both}`,
      ],
    ],
    [
      'LoadBalancer',
      aService(balancer),
      [
        `10.96.0.9:80/TCP ClusterIP: ${both}`,
        `0.0.0.0:30080/TCP NodePort: ${both}`,
        `192.0.2.1:80/TCP LoadBalancer: ${both}`,
        `172.30.0.11:30080/TCP NodePort: ${both}`,
      ],
    ],
    [
      'LoadBalancer without node ports',
      aService({ ...balancer, ports: [{ name: 'http', port: 80 }] }),
      [`10.96.0.9:80/TCP ClusterIP: ${both}`, `192.0.2.1:80/TCP LoadBalancer: ${both}`],
    ],
    [
      'a load balancer that is a proxy of its own, or has only a name',
      aService({
        ...balancer,
        ports: [{ name: 'http', port: 80 }],
        status: { loadBalancer: { ingress: [{ ip: '192.0.2.1', ipMode: 'Proxy' }, {}] } },
      }),
      [`10.96.0.9:80/TCP ClusterIP: ${both}`],
    ],
    [
      'externalIPs',
      aService({ externalIPs: ['192.0.2.7'] }),
      [`10.96.0.9:80/TCP ClusterIP: ${both}`, `192.0.2.7:80/TCP ExternalIPs: ${both}`],
    ],
    ['headless', aService({ clusterIP: 'None', clusterIPs: ['None'] }), []],
    ['headless by label', aService({ meta: { labels: { 'service.kubernetes.io/headless': '' } } }), []],
    [
      'of another service proxy',
      aService({ meta: { labels: { 'service.kubernetes.io/service-proxy-name': 'other' } } }),
      [],
    ],
    ['ExternalName', aService({ type: 'ExternalName', clusterIP: '' }), []],
    ['not of this node', aService({ meta: { annotations: { 'service.cilium.io/node': 'edge' } } }), []],
    [
      'not of this node by selector',
      aService({ meta: { annotations: { 'service.cilium.io/node-selector': 'pool in (edge)' } } }),
      [],
    ],
    [
      'an unreadable selector keeps it off no node',
      aService({ meta: { annotations: { 'service.cilium.io/node-selector': 'pool in edge' } } }),
      [`10.96.0.9:80/TCP ClusterIP: ${both}`],
    ],
    [
      'of one type only by annotation, which externalIPs do not mind',
      aService({
        ...balancer,
        externalIPs: ['192.0.2.7'],
        meta: { annotations: { 'service.cilium.io/type': 'LoadBalancer' } },
      }),
      [`192.0.2.1:80/TCP LoadBalancer: ${both}`, `192.0.2.7:80/TCP ExternalIPs: ${both}`],
    ],
    [
      'an address of the node in the NodePort range belongs to NodePorts',
      aService({ externalIPs: ['172.30.0.11'], ports: [{ name: 'http', port: 30080 }] }),
      [`10.96.0.9:30080/TCP ClusterIP: ${both}`],
    ],
  ])('%s', (_, service, rows) => {
    expect(rowsOf(expectation({ services: [service] }))).toEqual(rows);
  });

  it('with kube-proxy replacement off only ClusterIPs and, since 1.19, external addresses', () => {
    const given = {
      services: [aService({ ...balancer, externalIPs: ['192.0.2.7'] })],
      settings: { 'kube-proxy-replacement': 'false' },
    };
    const types = (version: string): readonly string[] =>
      [...expectation({ ...given, version }).frontends.values()].map(({ type }) => type);
    expect(types('1.18.4')).toEqual(['ClusterIP']);
    expect(types('1.19.6')).toEqual(['ClusterIP', 'LoadBalancer', 'ExternalIPs']);
    expect(types('1.19.7')).toEqual(['ClusterIP', 'ExternalIPs']);
    expect(types('1.20.1')).toEqual(['ClusterIP', 'ExternalIPs']);
  });

  it('an address of the node in the NodePort range is refused by 1.19.7, and served by 1.19.6', () => {
    const services = [aService({ externalIPs: ['172.30.0.11'], ports: [{ name: 'http', port: 30080 }] })];
    expect(rowsOf(expectation({ services, version: '1.19.7' }))).toHaveLength(1);
    expect(rowsOf(expectation({ services, version: '1.19.6' }))).toHaveLength(2);
  });

  it('where such an address is another node’s, its row may as well be absent', () => {
    expect(optionalAt('172.30.0.12', 30_080)).toEqual([expect.stringContaining('another node’s')]);
    expect(optionalAt('172.30.0.12', 80)).toEqual([undefined]);
    expect(optionalAt('192.0.2.7', 30_080)).toEqual([undefined]);
  });

  it('external policy Local marks ClusterIPs, too, since 1.18', () => {
    const services = [aService({ ...nodePort, externalTrafficPolicy: 'Local' })];
    const marked = (version: string): readonly string[] => [
      ...new Set(
        [...expectation({ services, version }).frontends.values()]
          .filter(({ flags }) => flags.has('Local'))
          .map(({ type }) => type),
      ),
    ];
    expect(marked('1.17.14')).toEqual(['NodePort']);
    expect(marked('1.18.4')).toEqual(['ClusterIP', 'NodePort']);
  });

  it('dual stack: a family each, with the backends of its slices', () => {
    const services = [aService({ ...nodePort, clusterIPs: ['10.96.0.9', 'FD00::9'], ipFamilies: ['IPv4', 'IPv6'] })];
    const endpointSlices = [twoBackends, aSlice([onNode('fd00:1::1', 'n1')], { name: 'six', addressType: 'IPv6' })];
    const node = { nodePortAddresses: ['172.30.0.11', 'fd30::11'] };
    expect(rowsOf(expectation({ services, endpointSlices, node }))).toEqual([
      `10.96.0.9:80/TCP ClusterIP: ${both}`,
      '[fd00::9]:80/TCP ClusterIP: [fd00:1::1]:8080/TCP',
      `0.0.0.0:30080/TCP NodePort: ${both}`,
      '[::]:30080/TCP NodePort: [fd00:1::1]:8080/TCP',
      `172.30.0.11:30080/TCP NodePort: ${both}`,
      '[fd30::11]:30080/TCP NodePort: [fd00:1::1]:8080/TCP',
    ]);
    const fourOnly = expectation({ services, endpointSlices, node, settings: { 'enable-ipv6': 'false' } });
    expect([...fourOnly.frontends.keys()].filter((key) => key.includes('['))).toEqual([]);
  });
});

const keys = (
  services: readonly Service[],
  endpointSlices: readonly EndpointSlice[] = [twoBackends],
  rest = {},
): readonly string[] => rowsOf(expectation({ services, endpointSlices, ...rest }));

const inZone = (address: string, nodeName: string, zone: string, hints: readonly string[]) =>
  onNode(address, nodeName, { zone, hints: { forZones: hints.map((name) => ({ name })) } });
const hinted = aSlice([inZone('10.1.1.1', 'n1', 'a', ['a']), inZone('10.1.2.1', 'n2', 'b', ['b'])]);

describe('which backends', () => {
  it.each([
    [undefined, undefined, both, both, undefined],
    ['Local', undefined, local, both, both],
    [undefined, 'Local', both, local, local],
    ['Local', 'Local', local, local, undefined],
  ])(
    'external policy %s, internal policy %s',
    (externalTrafficPolicy, internalTrafficPolicy, outside, clusterIP, inside) => {
      const policies = {
        ...(externalTrafficPolicy === undefined ? {} : { externalTrafficPolicy }),
        ...(internalTrafficPolicy === undefined ? {} : { internalTrafficPolicy }),
      };
      const rows = new Map(
        keys([aService({ ...nodePort, ...policies })]).map((row) => [
          row.slice(0, row.indexOf(': ')),
          row.slice(row.indexOf(': ') + 2),
        ]),
      );
      expect(rows.get('10.96.0.9:80/TCP ClusterIP')).toBe(clusterIP);
      expect(rows.get('172.30.0.11:30080/TCP NodePort')).toBe(outside);
      expect(rows.get('172.30.0.11:30080/TCP/i NodePort')).toBe(inside);
    },
  );

  const states = aSlice([
    onNode('10.1.0.1', 'n1', { conditions: { ready: true } }),
    onNode('10.1.0.2', 'n1', { conditions: { ready: false, serving: true, terminating: true } }),
    onNode('10.1.0.3', 'n1', { conditions: { ready: false, serving: false, terminating: true } }),
    onNode('10.1.0.4', 'n1', { conditions: { ready: false, serving: false, terminating: false } }),
    onNode('10.1.0.5', 'n1', { conditions: { ready: true, terminating: true } }),
    onNode('10.1.0.6', 'n1'),
  ]);
  it('ready ones, also while they terminate; unset conditions are ready', () => {
    expect(keys([aService()], [states])).toEqual([
      '10.96.0.9:80/TCP ClusterIP: 10.1.0.1:8080/TCP 10.1.0.5:8080/TCP 10.1.0.6:8080/TCP',
    ]);
  });
  it('without a ready one, those that terminate and still serve', () => {
    const without = { ...states, endpoints: (states.endpoints ?? []).slice(1, 4) };
    expect(keys([aService()], [without])).toEqual(['10.96.0.9:80/TCP ClusterIP: 10.1.0.2:8080/TCP']);
  });

  it('of its port name and protocol', () => {
    const ports = [
      { name: 'dns', port: 53, protocol: 'UDP' },
      { name: 'dns-tcp', port: 53, protocol: 'TCP' },
      { name: 'metrics', port: 9153, protocol: 'TCP' },
    ];
    const slice = aSlice([onNode('10.1.0.1', 'n1')], {
      ports: ports.map(({ name, port, protocol }) => ({ name, port: port + 1000, protocol })),
    });
    expect(keys([aService({ ports })], [slice])).toEqual([
      '10.96.0.9:53/UDP ClusterIP: 10.1.0.1:1053/UDP',
      '10.96.0.9:53/TCP ClusterIP: 10.1.0.1:1053/TCP',
      '10.96.0.9:9153/TCP ClusterIP: 10.1.0.1:10153/TCP',
    ]);
  });

  it('SCTP as the others', () => {
    const port = { name: 'http', port: 80, protocol: 'SCTP' };
    const slice = aSlice([onNode('10.1.0.1', 'n1')], { ports: [{ ...port, port: 8080 }] });
    expect(keys([aService({ ports: [port] })], [slice])).toEqual(['10.96.0.9:80/SCTP ClusterIP: 10.1.0.1:8080/SCTP']);
  });

  it('once, however many slices name it; where they disagree, either is right', () => {
    const twice = [
      twoBackends,
      aSlice([onNode('10.1.1.1', 'n1', { conditions: { ready: false } })], { name: 'other' }),
    ];
    const [row] = expectation({ services: [aService()], endpointSlices: twice }).frontends.values();
    expect(row?.backends.map(({ key, ambiguous }) => [key, ambiguous])).toEqual([
      ['10.1.1.1:8080/TCP', true],
      ['10.1.2.1:8080/TCP', false],
    ]);
  });

  it('of slices made by hand, without a node: local everywhere', () => {
    const manual = aSlice([{ addresses: ['192.0.2.50'] }], { meta: { ownerReferences: [] } });
    expect(keys([aService({ internalTrafficPolicy: 'Local' })], [manual])).toEqual([
      '10.96.0.9:80/TCP ClusterIP: 192.0.2.50:8080/TCP',
    ]);
  });

  it('not of other address types, ports without number, or other clusters', () => {
    const strange = [
      aSlice([onNode('10.1.0.1', 'n1')], { name: 'a', addressType: 'FQDN' }),
      aSlice([onNode('10.1.0.2', 'n1')], { name: 'b', ports: [{ name: 'http' }] }),
      aSlice([onNode('10.1.0.3', 'n1')], {
        name: 'c',
        meta: {
          labels: {
            'kubernetes.io/service-name': 'cart',
            'endpointslice.kubernetes.io/managed-by': 'endpointslice-mesh-controller.cilium.io',
          },
        },
      }),
      aSlice([onNode('192.192.192.192', 'n1')], { name: 'd', ports: [{ name: 'http', port: 9999 }] }),
    ];
    expect(keys([aService()], strange)).toEqual(['10.96.0.9:80/TCP ClusterIP:']);
  });

  describe('topology', () => {
    const given = {
      node: { labels: { 'topology.kubernetes.io/zone': 'a' } },
      settings: { 'enable-service-topology': 'true' },
    };
    const close = aService({ trafficDistribution: 'PreferClose' });
    it.each([
      ['hints of this zone', close, hinted, given, local],
      [
        'an annotation of old',
        aService({ meta: { annotations: { 'service.kubernetes.io/topology-mode': 'Auto' } } }),
        hinted,
        given,
        local,
      ],
      ['no wish for it', aService(), hinted, given, both],
      ['the agent without service topology', close, hinted, { ...given, settings: {} }, both],
      ['a node without a zone', close, hinted, { settings: given.settings }, both],
      [
        'an endpoint without hints',
        close,
        aSlice([...(hinted.endpoints ?? []), onNode('10.1.3.1', 'n3')]),
        given,
        `${both} 10.1.3.1:8080/TCP`,
      ],
      [
        'no hint of this zone',
        close,
        hinted,
        { ...given, node: { labels: { 'topology.kubernetes.io/zone': 'c' } } },
        both,
      ],
      ['the same node', aService({ trafficDistribution: 'PreferSameNode' }), twoBackends, given, local],
      [
        'the same node before 1.20',
        aService({ trafficDistribution: 'PreferSameNode' }),
        twoBackends,
        { ...given, version: '1.19.6' },
        both,
      ],
    ])('%s', (_, service, slice, rest, backends) => {
      expect(keys([service], [slice], rest)).toEqual([`10.96.0.9:80/TCP ClusterIP: ${backends}`]);
    });
  });
});

const row = (service: Service, rest = {}, key = '10.96.0.9:80/TCP') =>
  expectation({ services: [service], ...rest }).frontends.get(aFrontendKey(key));
const annotated = (annotations: Readonly<Record<string, string>>): Service => aService({ meta: { annotations } });

describe('properties', () => {
  it('affinity, three hours by default', () => {
    expect(row(aService({ sessionAffinity: 'ClientIP' }))).toMatchObject({
      affinityTimeout: 10_800,
      flags: new Set(['sessionAffinity', 'non-routable']),
    });
    expect(
      row(aService({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } }))
        ?.affinityTimeout,
    ).toBe(60);
  });

  it('source ranges where the version checks them', () => {
    const service = aService({
      ...balancer,
      externalIPs: ['192.0.2.7'],
      loadBalancerSourceRanges: ['10.1.2.3/8', 'fd00::/64', 'nonsense'],
    });
    const checked = (version: string, settings = {}): readonly string[] =>
      [...expectation({ services: [service], version, settings }).frontends.values()]
        .filter(({ flags }) => flags.has('check source-range'))
        .map(({ type }) => type);
    expect(row(service, {}, '192.0.2.1:80/TCP')?.sourceRanges).toEqual(['10.0.0.0/8']);
    expect(checked('1.18.4')).toEqual(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalIPs', 'NodePort']);
    expect(checked('1.19.6')).toEqual(['LoadBalancer']);
    expect(checked('1.20.1')).toEqual(['LoadBalancer', 'ExternalIPs']);
    expect(checked('1.20.1', { 'bpf-lb-source-range-all-types': 'true' })).toHaveLength(5);
  });

  it.each([
    ['dsr', '1.20.1', 'TCP', true],
    ['hybrid', '1.20.1', 'TCP', true],
    ['hybrid', '1.20.1', 'UDP', false],
    ['hybrid', '1.18.4', 'TCP', false],
    ['snat', '1.20.1', 'TCP', false],
  ])('mode %s in %s marks %s with dsr: %s', (mode, version, protocol, marked) => {
    const service = aService({ ports: [{ port: 80, protocol }] });
    expect(
      row(service, { version, settings: { 'bpf-lb-mode': mode } }, `10.96.0.9:80/${protocol}`)?.flags.has('dsr'),
    ).toBe(marked);
  });

  it('forwarding mode and algorithm by annotation, where the agent honours them', () => {
    const service = annotated({
      'service.cilium.io/forwarding-mode': 'DSR',
      'service.cilium.io/lb-algorithm': 'maglev',
    });
    expect(row(service)).toMatchObject({ algorithm: 'undef', flags: new Set(['non-routable']) });
    const settings = { 'bpf-lb-mode-annotation': 'true', 'bpf-lb-algorithm-annotation': 'true' };
    expect(row(service, { settings })).toMatchObject({ algorithm: 'maglev', flags: new Set(['non-routable', 'dsr']) });
    expect(row(annotated({ 'service.cilium.io/lb-algorithm': 'Maglev' }), { settings })?.algorithm).toBe('undef');
  });

  it('ClusterIPs may be reached from outside where the agent allows it', () => {
    expect(row(aService(), { settings: { 'bpf-lb-external-clusterip': 'true' } })?.flags).toEqual(new Set());
  });

  it('backends of other clusters may come on top, or instead', () => {
    expect(row(annotated({ 'service.cilium.io/global': 'true' }))?.remote).toBe('mayAdd');
    expect(row(annotated({ 'service.cilium.io/global': 'true', 'service.cilium.io/affinity': 'remote' }))?.remote).toBe(
      'mayReplace',
    );
    expect(row(annotated({ 'service.cilium.io/affinity': 'remote' }))?.remote).toBe('none');
  });
});

const rows = (given: Parameters<typeof expectation>[0]): readonly string[] =>
  rowsOf(expectation({ endpointSlices: [], ...given }));

describe('hostPorts', () => {
  const pods = [aPod('web', [{ containerPort: 80, hostPort: 8080 }])];

  it.each([
    [
      'on every address of the node',
      pods,
      ['0.0.0.0:8080/TCP HostPort: 10.1.1.7:80/TCP', '172.30.0.11:8080/TCP HostPort: 10.1.1.7:80/TCP'],
    ],
    [
      'on one address',
      [aPod('web', [{ containerPort: 80, hostPort: 8080, hostIP: '172.30.0.99' }])],
      ['172.30.0.99:8080/TCP HostPort: 10.1.1.7:80/TCP'],
    ],
    [
      'an explicit zero address yields nothing',
      [aPod('web', [{ containerPort: 80, hostPort: 8080, hostIP: '0.0.0.0' }])],
      [],
    ],
    ['of the NodePort range', [aPod('web', [{ containerPort: 80, hostPort: 30080 }])], []],
    ['of another node', [aPod('web', [{ containerPort: 80, hostPort: 8080 }], { spec: { nodeName: 'n2' } })], []],
    [
      'on the host network',
      [aPod('web', [{ containerPort: 80, hostPort: 8080 }], { spec: { hostNetwork: true } })],
      [],
    ],
    [
      'of a pod that has ended',
      [aPod('web', [{ containerPort: 80, hostPort: 8080 }], { status: { phase: 'Succeeded' } })],
      [],
    ],
  ])('%s', (_, given, expected) => {
    expect(rows({ pods: given })).toEqual(expected);
  });

  it('loopback only', () => {
    const table = expectation({
      endpointSlices: [],
      pods: [aPod('web', [{ containerPort: 80, hostPort: 8080, hostIP: '127.0.0.1' }])],
    });
    expect(table.frontends.get(aFrontendKey('0.0.0.0:8080/TCP'))?.flags).toEqual(new Set(['non-routable', 'loopback']));
  });

  it('of a terminating pod may be there or not', () => {
    const [row] = expectation({
      pods: [
        aPod('web', [{ containerPort: 80, hostPort: 8080 }], { meta: { deletionTimestamp: '2026-11-21T10:00:00Z' } }),
      ],
    }).frontends.values();
    expect(row?.optional).toBe('its pod is terminating');
  });

  it('unknown while pods were not read', () => {
    const table = expectation({ pods: undefined });
    expect(table.unknown.hostPorts).toBe('pods were not read');
  });
});

describe('two owners of one frontend', () => {
  const other = aService({ name: 'other', clusterIP: '10.96.0.10', externalIPs: ['10.96.0.9'] });
  it('either is right, and the loser may be absent wholly', () => {
    const { frontends } = expectation({ services: [aService(), other] });
    expect(frontends.get(aFrontendKey('10.96.0.9:80/TCP'))).toMatchObject({
      owner: { name: 'cart' },
      alternatives: [{ owner: { name: 'other' } }],
    });
    expect([...frontends.values()].every(({ optional }) => optional?.includes('10.96.0.9:80/TCP is claimed by'))).toBe(
      true,
    );
  });
});

it('wildcard rows stand for addresses that Cilium may own, but never for the node itself', () => {
  const services = [
    aService(),
    aService({ name: 'lb', ...balancer, clusterIP: '10.96.0.10' }),
    aService({
      name: 'own',
      ...balancer,
      clusterIP: '10.96.0.11',
      status: { loadBalancer: { ingress: [{ ip: '172.30.0.11' }] } },
    }),
    aService({
      name: 'cloud',
      ...balancer,
      clusterIP: '10.96.0.12',
      loadBalancerClass: 'example.org/lb',
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.9' }] } },
    }),
  ];
  const wildcards = (version: string, settings = {}) => [
    ...expectation({ services, version, settings }).wildcards.keys(),
  ];
  expect(wildcards('1.20.1')).toEqual(['10.96.0.9', '10.96.0.10', '192.0.2.1', '10.96.0.11']);
  expect(wildcards('1.18.4')).toEqual([]);
  expect(wildcards('1.20.1', { 'bpf-lb-enable-wildcard-entries': 'false' })).toEqual([]);
});

it('the made-up endpoint of ingresses is a backend before 1.18 only', () => {
  const dummy = aSlice([onNode('192.192.192.192', '')], { ports: [{ name: 'http', port: 9999 }] });
  const rows = (version: string): readonly string[] =>
    rowsOf(expectation({ services: [aService()], endpointSlices: [dummy], version }));
  expect(rows('1.17.9')).toEqual(['10.96.0.9:80/TCP ClusterIP: 192.192.192.192:9999/TCP']);
  expect(rows('1.18.0')).toEqual(['10.96.0.9:80/TCP ClusterIP:']);
});

it('what is made of pods has no port names to be equal, before 1.18 either', () => {
  const pods = [aPod('web', [{ containerPort: 8080, hostPort: 8080 }])];
  expect(rowsOf(expectation({ pods, version: '1.17.16' }))).toContain('0.0.0.0:8080/TCP HostPort: 10.1.1.7:8080/TCP');
});

it('a backend whose port has no name is that of every port from 1.18.2 on', () => {
  const endpointSlices = [aSlice([onNode('10.1.0.1', 'n1')], { ports: [{ name: '', port: 8080, protocol: 'TCP' }] })];
  const rows = (version: string): readonly string[] =>
    rowsOf(expectation({ services: [aService()], endpointSlices, version }));
  expect(rows('1.18.1')).toEqual(['10.96.0.9:80/TCP ClusterIP:']);
  expect(rows('1.18.2')).toEqual(['10.96.0.9:80/TCP ClusterIP: 10.1.0.1:8080/TCP']);
});

it('with a service-proxy-name EndpointSlices need the label, too, from 1.19.4 on', () => {
  const label = { 'service.kubernetes.io/service-proxy-name': 'cilium' };
  const services = [aService({ meta: { labels: label } })];
  const settings = { 'k8s-service-proxy-name': 'cilium' };
  const rows = (version: string, labels = {}): readonly string[] => {
    const slice = aSlice([onNode('10.1.0.1', 'n1')]);
    const labelled = { ...slice, metadata: { ...slice.metadata, labels: { ...slice.metadata.labels, ...labels } } };
    return rowsOf(expectation({ services, settings, endpointSlices: [labelled], version }));
  };
  expect(rows('1.19.3')).toEqual(['10.96.0.9:80/TCP ClusterIP: 10.1.0.1:8080/TCP']);
  expect(rows('1.19.4')).toEqual(['10.96.0.9:80/TCP ClusterIP:']);
  expect(rows('1.19.4', label)).toEqual(['10.96.0.9:80/TCP ClusterIP: 10.1.0.1:8080/TCP']);
});

it('1.16 knows no protocols: TCP and UDP of a port share a row', () => {
  const ports = [
    { name: 'dns', port: 53, protocol: 'UDP' },
    { name: 'dns-tcp', port: 53, protocol: 'TCP' },
  ];
  const slice = aSlice([onNode('10.1.0.1', 'n1')], { ports });
  expect(rowsOf(expectation({ services: [aService({ ports })], endpointSlices: [slice], version: '1.16.5' }))).toEqual([
    '10.96.0.9:53/ANY ClusterIP: 10.1.0.1:53/ANY',
  ]);
});

it('never throws on objects whose optional fields are null or odd', () => {
  const odd = fc.constantFrom(null, undefined, '', 'Local', 'None', '10.0.0.1', 'fd00::1', 'x', 'true');
  const strings = fc.oneof(
    fc.constant(null),
    fc.array(fc.constantFrom('10.0.0.1', 'fd00::1', 'nonsense', '10.0.0.0/8', 'IPv4', 'IPv6')),
  );
  const number = fc.oneof(fc.constant(null), fc.nat(70_000));
  const annotations = fc.oneof(
    fc.constant(null),
    fc.dictionary(
      fc.constantFrom(
        'service.cilium.io/node-selector',
        'service.cilium.io/type',
        'service.cilium.io/weight',
        'service.cilium.io/lb-algorithm',
      ),
      fc.string(),
    ),
  );
  const service = fc.record({
    metadata: fc.record({ name: fc.constant('cart'), namespace: odd, labels: annotations, annotations }),
    spec: fc.oneof(
      fc.constant(null),
      fc.record({
        type: fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName', null),
        clusterIP: odd,
        clusterIPs: strings,
        ipFamilies: strings,
        externalIPs: strings,
        loadBalancerSourceRanges: strings,
        loadBalancerClass: odd,
        sessionAffinity: odd,
        sessionAffinityConfig: fc.constantFrom(null, { clientIP: null }, { clientIP: { timeoutSeconds: null } }),
        externalTrafficPolicy: odd,
        healthCheckNodePort: number,
        ports: fc.oneof(
          fc.constant(null),
          fc.array(
            fc.record({
              name: odd,
              port: fc.nat(70_000),
              protocol: fc.constantFrom('TCP', 'XYZ', null),
              nodePort: number,
            }),
          ),
        ),
      }),
    ),
    status: fc.constantFrom(
      null,
      { loadBalancer: null },
      { loadBalancer: { ingress: null } },
      { loadBalancer: { ingress: [{ ip: null, ipMode: null }] } },
    ),
  });
  const slice = fc.record({
    metadata: fc.record({
      name: fc.constant('x'),
      labels: fc.constantFrom(null, { 'kubernetes.io/service-name': 'cart' }),
      annotations,
    }),
    addressType: fc.constantFrom('IPv4', 'IPv6', 'FQDN'),
    endpoints: fc.oneof(
      fc.constant(null),
      fc.array(
        fc.record({
          addresses: fc.array(fc.constantFrom('10.1.0.1', 'x')),
          conditions: fc.constantFrom(null, { ready: null, serving: false, terminating: true }),
          hints: fc.constantFrom(null, { forZones: null }),
          nodeName: odd,
          zone: odd,
        }),
      ),
    ),
    ports: fc.oneof(fc.constant(null), fc.array(fc.record({ name: odd, port: number, protocol: odd }))),
  });
  const version = fc.constantFrom('1.16.0', '1.18.4', '1.20.1', '9.9', 'nonsense');
  fc.assert(
    fc.property(fc.array(service), fc.array(slice), version, fc.boolean(), (services, slices, cilium, healthChecks) => {
      const given = {
        services: services as unknown as readonly Service[],
        endpointSlices: slices as unknown as readonly EndpointSlice[],
      };
      const settings = {
        'enable-health-check-loadbalancer-ip': String(healthChecks),
        'enable-local-redirect-policy': 'true',
      };
      const { frontends } = expectation({ ...given, version: cilium, settings });
      for (const [key, row] of frontends) expect(row.key).toBe(key);
    }),
  );
});

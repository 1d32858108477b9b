import { describe, expect, it, test } from 'vitest';
import { Derivations } from '../../../src/core/Derivations.ts';
import { unservedOnNode } from '../../../src/expect/served/unservedOnNode.ts';
import { valueOf } from '../../../src/model/Fact.ts';
import type { EndpointSlice, Pod, Service } from '../../../src/model/kubernetes.ts';
import { aSnapshot, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { aNode, aService, aSlice, ciliumConfig, healthyFacts } from '../../support/healthy.ts';
import { aPod, onNode } from '../../support/lbObjects.ts';
import { parseMapsDump } from '../../support/parseMapsDump.ts';
import { sampleNames } from '../../support/lbSamples.ts';
import { sampleSnapshot } from '../../support/sampleSnapshot.ts';

const facts = healthyFacts(['n1', 'n2']);

interface Given {
  readonly services?: readonly Service[];
  readonly slices?: readonly EndpointSlice[];
  readonly pods?: readonly Pod[];
  readonly settings?: Readonly<Record<string, string>>;
  readonly version?: string;
  /** What the maps of n1 hold. */
  readonly maps?: string;
  readonly zone?: string;
}

function cluster({ services = [], slices = [], pods = [], settings = {}, version = '1.20.1', maps, zone }: Given) {
  const config = new Map([...ciliumConfig, ...Object.entries(settings)]);
  const status = { version };
  const labels = zone === undefined ? {} : { 'topology.kubernetes.io/zone': zone };
  const changes: SnapshotChanges = {
    facts: {
      services: [...(valueOf(facts.services) ?? []), ...services],
      endpointSlices: [...(valueOf(facts.endpointSlices) ?? []), ...slices],
      pods,
      nodes: [aNode('n1', { metadata: { name: 'n1', labels } }), aNode('n2')],
      ciliumConfig: config,
    },
    nodes: {
      n1: { status, startedConfig: config, ...(maps !== undefined && { lbTable: parseMapsDump(maps) }) },
      n2: { status, startedConfig: config },
    },
  };
  return aSnapshot(changes);
}

/** On n1; `10.96.10.1:80/TCP ClusterIP default/shop portName`, with what else the reason says. */
function said(given: Given): string[] {
  const list = new Derivations(cluster(given)).on(unservedOnNode, 'n1');
  if ('missing' in list) return [`unknown: ${list.detail}`];
  return list.map(({ frontend: { key, type, owner }, why: { kind, ...rest } }) =>
    [
      key,
      type,
      `${owner.namespace}/${owner.name}`,
      kind,
      ...(Object.keys(rest).length > 0 ? [JSON.stringify(rest)] : []),
    ].join(' '),
  );
}

const http = { ports: [{ name: 'http', port: 80, protocol: 'TCP' }] };
const shop = (spec: Service['spec'] = {}, meta = {}): Service => aService('shop', { ...http, ...spec }, meta);
const ports = [{ name: 'http', port: 8080, protocol: 'TCP' }];
const shopSlice = (changes: Partial<EndpointSlice> = {}): EndpointSlice =>
  aSlice('shop', ['10.244.1.5'], { ports, ...changes });
const balanced = (service: Service, ...ips: readonly string[]): Service => ({
  ...service,
  status: { loadBalancer: { ingress: ips.map((ip) => ({ ip })) } },
});
const balancer = { type: 'LoadBalancer', ports: [{ name: 'http', port: 80, protocol: 'TCP', nodePort: 31080 }] };

describe('a Service without a backend that takes connections says why', () => {
  test.each<[string, Given, string[]]>([
    ['served', { services: [shop()], slices: [shopSlice()] }, []],
    ['no EndpointSlice', { services: [shop()] }, ['10.96.10.1:80/TCP ClusterIP default/shop noSlice {"selects":true}']],
    [
      'an EndpointSlice that lacks the label',
      {
        services: [shop({ selector: {} })],
        slices: [shopSlice({ metadata: { name: 'shop-1', namespace: 'default', labels: {} } })],
      },
      ['10.96.10.1:80/TCP ClusterIP default/shop noSlice {"selects":false,"lookalike":"default/shop-1"}'],
    ],
    [
      'nobody is ready',
      {
        services: [shop()],
        slices: [shopSlice({ endpoints: [onNode('10.244.1.5', 'n2', { conditions: { ready: false } })] })],
      },
      ['10.96.10.1:80/TCP ClusterIP default/shop notReady'],
    ],
    [
      'names that do not meet',
      { services: [shop()], slices: [shopSlice({ ports: [{ name: 'web', port: 8080, protocol: 'TCP' }] })] },
      ['10.96.10.1:80/TCP ClusterIP default/shop portName {"portName":"http","offered":["web"]}'],
    ],
    [
      'a named port that no pod has',
      { services: [shop()], slices: [shopSlice({ ports: [] })] },
      ['10.96.10.1:80/TCP ClusterIP default/shop portName {"portName":"http","offered":[]}'],
    ],
    [
      'another protocol',
      { services: [shop()], slices: [shopSlice({ ports: [{ name: 'http', port: 8080, protocol: 'UDP' }] })] },
      ['10.96.10.1:80/TCP ClusterIP default/shop protocol {"protocol":"TCP","offered":["UDP"]}'],
    ],
    [
      'an address of a family that the Service lacks',
      {
        services: [balanced(shop(balancer), '192.0.2.1', '2001:db8::1')],
        slices: [shopSlice()],
        settings: { 'enable-ipv6': 'true' },
      },
      ['[2001:db8::1]:80/TCP LoadBalancer default/shop family {"family":"ipv6","offered":["ipv4"]}'],
    ],
    [
      'the other family is not served',
      { services: [balanced(shop(balancer), '192.0.2.1', '2001:db8::1')], slices: [shopSlice()] },
      ['[2001:db8::1]:80/TCP LoadBalancer default/shop familyOff {"family":"ipv6"}'],
    ],
    [
      'policy Local, all backends elsewhere',
      { services: [shop({ internalTrafficPolicy: 'Local' })], slices: [shopSlice()] },
      ['10.96.10.1:80/TCP ClusterIP default/shop notLocal {"policy":"internal"}'],
    ],
    [
      'external policy Local: only for the outside',
      { services: [shop({ ...balancer, type: 'NodePort', externalTrafficPolicy: 'Local' })], slices: [shopSlice()] },
      ['0.0.0.0:31080/TCP NodePort default/shop notLocal {"policy":"external"}'],
    ],
    [
      'no source range of the family',
      {
        services: [balanced(shop({ ...balancer, loadBalancerSourceRanges: ['fd00::/64'] }), '192.0.2.1')],
        slices: [shopSlice()],
      },
      ['192.0.2.1:80/TCP LoadBalancer default/shop sourceRanges {"family":"ipv4","policy":"allow"}'],
    ],
    [
      'every source is denied',
      {
        services: [
          balanced(
            shop(
              { ...balancer, loadBalancerSourceRanges: ['0.0.0.0/0'] },
              { annotations: { 'service.cilium.io/src-ranges-policy': 'deny' } },
            ),
            '192.0.2.1',
          ),
        ],
        slices: [shopSlice()],
      },
      ['192.0.2.1:80/TCP LoadBalancer default/shop sourceRanges {"family":"ipv4","policy":"deny"}'],
    ],
    [
      'weight 0',
      {
        services: [shop()],
        slices: [
          shopSlice({
            metadata: {
              name: 'shop-1',
              namespace: 'default',
              labels: { 'kubernetes.io/service-name': 'shop' },
              annotations: { 'service.cilium.io/weight': '0' },
            },
          }),
        ],
      },
      ['10.96.10.1:80/TCP ClusterIP default/shop outOfRotation'],
    ],
    [
      'a global Service may have backends in another cluster',
      { services: [shop({}, { annotations: { 'service.cilium.io/global': 'true' } })] },
      [],
    ],
  ])('%s', (_, given, expected) => {
    expect(said(given)).toEqual(expected);
  });

  it('hints that leave the zone of the node without a ready endpoint, up to 1.19', () => {
    const endpoints = [
      onNode('10.244.1.5', 'n2', { zone: 'b', hints: { forZones: [{ name: 'b' }] } }),
      onNode('10.244.1.6', 'n2', { zone: 'a', hints: { forZones: [{ name: 'a' }] }, conditions: { ready: false } }),
    ];
    const given = {
      services: [shop({ trafficDistribution: 'PreferClose' })],
      slices: [shopSlice({ endpoints })],
      settings: { 'enable-service-topology': 'true' },
      zone: 'a',
    };
    expect(said({ ...given, version: '1.19.6' })).toEqual([
      '10.96.10.1:80/TCP ClusterIP default/shop zone {"zone":"a"}',
    ]);
    expect(said({ ...given, zone: 'b' })).toEqual([]);
  });
});

describe('what the agent makes no frontend of says why', () => {
  const nodePort = { ...balancer, type: 'NodePort' };
  test.each<[string, Given, string[]]>([
    [
      'NodePorts and LoadBalancers while the replacement is off',
      {
        services: [balanced(shop(balancer), '192.0.2.1')],
        slices: [shopSlice()],
        settings: { 'kube-proxy-replacement': 'false' },
      },
      [
        '0.0.0.0:31080/TCP NodePort default/shop featureOff {"feature":"NodePort"}',
        '192.0.2.1:80/TCP LoadBalancer default/shop featureOff {"feature":"LoadBalancer"}',
      ],
    ],
    [
      'external IPs too, up to 1.18',
      {
        services: [shop({ externalIPs: ['192.0.2.7'] })],
        slices: [shopSlice()],
        settings: { 'kube-proxy-replacement': 'false' },
        version: '1.18.4',
      },
      ['192.0.2.7:80/TCP ExternalIPs default/shop featureOff {"feature":"ExternalIPs"}'],
    ],
    [
      'an external IP that is the node’s, in the range of NodePorts',
      {
        services: [shop({ externalIPs: ['172.30.0.11'], ports: [{ name: 'http', port: 30_080 }] })],
        slices: [shopSlice()],
      },
      ['172.30.0.11:30080/TCP ExternalIPs default/shop nodeAddress {"min":30000,"max":32767}'],
    ],
    [
      'another proxy’s',
      {
        services: [shop({}, { labels: { 'service.kubernetes.io/service-proxy-name': 'other' } })],
        slices: [shopSlice()],
      },
      ['10.96.10.1:80/TCP ClusterIP default/shop otherProxy {"label":"other","wanted":""}'],
    ],
    ['headless asks for nothing', { services: [shop({ clusterIP: 'None', clusterIPs: ['None'] })] }, []],
    [
      'headless with an external IP',
      { services: [shop({ clusterIP: 'None', clusterIPs: ['None'], externalIPs: ['192.0.2.7'] })] },
      ['192.0.2.7:80/TCP ExternalIPs default/shop headless'],
    ],
    [
      'kept off the node',
      { services: [shop({}, { annotations: { 'service.cilium.io/node': 'edge' } })], slices: [shopSlice()] },
      ['10.96.10.1:80/TCP ClusterIP default/shop keptOffNode'],
    ],
    [
      'one type only',
      { services: [shop(nodePort, { annotations: { 'service.cilium.io/type': 'NodePort' } })], slices: [shopSlice()] },
      ['10.96.10.1:80/TCP ClusterIP default/shop otherTypeOnly {"only":"NodePort"}'],
    ],
    [
      'a hostPort of the NodePort range, one at the zero address, and one that is served',
      {
        pods: [
          aPod('edge', [
            { containerPort: 80, hostPort: 31_000 },
            { containerPort: 81, hostPort: 81, hostIP: '0.0.0.0' },
            { containerPort: 82, hostPort: 82 },
          ]),
        ],
      },
      [
        '0.0.0.0:31000/TCP HostPort shop/edge hostPortInRange {"min":30000,"max":32767}',
        '0.0.0.0:81/TCP HostPort shop/edge zeroHostIP {"hostIP":"0.0.0.0"}',
      ],
    ],
    [
      'hostPorts while the replacement is off',
      {
        pods: [aPod('edge', [{ containerPort: 80, hostPort: 80 }])],
        settings: { 'kube-proxy-replacement': 'false' },
      },
      ['0.0.0.0:80/TCP HostPort shop/edge featureOff {"feature":"HostPort"}'],
    ],
    [
      'SCTP while it is off',
      {
        services: [shop({ ports: [{ name: 'http', port: 8080, protocol: 'SCTP' }] })],
        slices: [shopSlice({ ports: [{ name: 'http', port: 8080, protocol: 'SCTP' }] })],
      },
      ['10.96.10.1:8080/SCTP ClusterIP default/shop sctpOff'],
    ],
    [
      'SCTP to another port',
      {
        services: [shop({ ports: [{ name: 'http', port: 80, protocol: 'SCTP' }] })],
        slices: [shopSlice({ ports: [{ name: 'http', port: 8080, protocol: 'SCTP' }] })],
        settings: { 'enable-sctp': 'true' },
      },
      ['10.96.10.1:80/SCTP ClusterIP default/shop sctpPort {"ports":[8080]}'],
    ],
  ])('%s', (_, given, expected) => {
    expect(said(given)).toEqual(expected);
  });
});

const externalRow = (id: number, address: string, backend: number): string =>
  [
    `SVC: ID=${id} ADDR=${address} SLOT=0 LBALG=undef AFFTimeout=0 COUNT=1 QCOUNT=0 FLAGS=ExternalIPs`,
    `SVC: ID=${id} ADDR=${address} SLOT=1 BEID=${backend} COUNT=0 QCOUNT=0 FLAGS=ExternalIPs`,
  ].join('\n');

describe('of two that claim one frontend', () => {
  const other = aService('other', {
    ...http,
    clusterIP: '10.96.10.2',
    clusterIPs: ['10.96.10.2'],
    externalIPs: ['192.0.2.7'],
  });
  const given = {
    services: [shop({ externalIPs: ['192.0.2.7'] }), other],
    slices: [shopSlice(), aSlice('other', ['10.244.1.6'], { ports })],
  };
  const backends = ['BE: ID=1 ADDR=10.244.1.5:8080/TCP STATE=active', 'BE: ID=2 ADDR=10.244.1.6:8080/TCP STATE=active'];

  it('the one whose backends the map holds is served, and the other one not at all', () => {
    expect(said({ ...given, maps: [externalRow(1, '192.0.2.7:80/TCP', 2), ...backends].join('\n') })).toEqual([
      expect.stringMatching(/^10\.96\.10\.1:80\/TCP ClusterIP default\/shop claimed .*"name":"other".*"decided":true/),
      expect.stringMatching(/^192\.0\.2\.7:80\/TCP ExternalIPs default\/shop claimed .*"name":"other".*"decided":true/),
    ]);
  });

  it('which of them it is stays open where the table does not tell', () => {
    const open = said({ ...given, maps: backends.join('\n') });
    expect(open.filter((line) => line.includes('"decided":false')).length).toBe(open.length);
    expect(open.filter((line) => line.includes('default/shop'))).toHaveLength(2);
    expect(open.filter((line) => line.includes('default/other'))).toHaveLength(2);
  });
});

const gatewayRow = (flags: string): string =>
  `SVC: ID=1 ADDR=10.96.10.1:80/TCP SLOT=0 LBALG=undef AFFTimeout=0 COUNT=0 QCOUNT=0 FLAGS=ClusterIP+non-routable${flags}`;

describe('the endpoint that Cilium’s gateway controller makes up', () => {
  const dummy = shopSlice({
    endpoints: [{ addresses: ['192.192.192.192'] }],
    ports: [{ name: '', port: 9999, protocol: 'TCP' }],
  });
  it.each([
    ['serves nobody without the redirect', gatewayRow(''), ['10.96.10.1:80/TCP ClusterIP default/shop placeholder']],
    ['is right with it', gatewayRow('+l7-load-balancer'), []],
  ])('%s', (_, maps, expected) => {
    expect(said({ services: [shop()], slices: [dummy], maps })).toEqual(expected);
  });
});

it.each(sampleNames)('in the recorded healthy cluster %s everything is served that has a backend', (sample) => {
  const derivations = new Derivations(sampleSnapshot(sample));
  for (const node of ['n1', 'n2']) {
    const list = derivations.on(unservedOnNode, node);
    if ('missing' in list) throw new Error(list.detail);
    const odd = list.filter(({ why }) => !['notReady', 'notLocal', 'noSlice'].includes(why.kind));
    expect(odd).toEqual([]);
  }
});

import type { CiliumLocalRedirectPolicy, EndpointSlice, Pod, Service } from '../../../src/model/kubernetes.ts';
import type { DefectReference } from '../../../src/expect/defects/Defect.ts';
import type { Given } from '../../support/defectScene.ts';
import { aService as aPlainService, aSlice } from '../../support/healthy.ts';
import { backend, cart, cartSlice, tableWith } from '../../support/shopTables.ts';
import { aPod } from '../../support/lbObjects.ts';

export interface DefectCase {
  /** Releases with the defect: the first and the last of each branch. */
  readonly on: readonly string[];
  /** Releases without it, next to those. */
  readonly beside: readonly string[];
  /** Where it meets the cluster. */
  readonly here: Given;
  /** The same without what brings it about. */
  readonly apart: Given;
  /** What is said of it, behind its reference: its objects, or the code of a finding that it explains. */
  readonly says: readonly string[];
}

const off = { 'kube-proxy-replacement': 'false' };
const lrp = { 'enable-local-redirect-policy': 'true' };
const l2 = { 'enable-l2-announcements': 'true' };
const dsr = { 'bpf-lb-mode': 'dsr' };
const topology = { 'enable-service-topology': 'true' };

const annotated = (annotations: Readonly<Record<string, string>>, spec: Service['spec'] = {}): Service =>
  cart(spec, { annotations });
const globalCart = (spec: Service['spec'] = {}, more: Readonly<Record<string, string>> = {}): Service =>
  annotated({ 'service.cilium.io/global': 'true', ...more }, spec);

const named = (name: string, clusterIP: string, spec: Service['spec'] = {}): Service =>
  aPlainService(name, { clusterIP, clusterIPs: [clusterIP], ...spec });

const balancer = (
  address: string,
  spec: Service['spec'] = {},
  {
    ipMode,
    annotations = {},
    name = 'cart',
  }: { ipMode?: string; annotations?: Record<string, string>; name?: string } = {},
): Service => ({
  ...aPlainService(
    name,
    { type: 'LoadBalancer', ports: [{ port: 80, protocol: 'TCP', nodePort: 30_080 }], ...spec },
    { annotations },
  ),
  status: { loadBalancer: { ingress: [{ ip: address, ...(ipMode === undefined ? {} : { ipMode }) }] } },
});
const nodePorts = named('cart', '10.96.10.1', {
  type: 'NodePort',
  ports: [{ port: 80, protocol: 'TCP', nodePort: 30_080 }],
});

const dns = (protocols: readonly string[], spec: object = {}): Pod =>
  aPod(
    'dns',
    protocols.map((protocol) => ({ containerPort: 53, hostPort: 53, protocol })),
    { spec },
  );

const kubeDns = { serviceName: 'kube-dns', namespace: 'kube-system' };
const policy = (frontend: object, ports: readonly object[] = [{ port: '53', protocol: 'UDP' }]) =>
  ({
    metadata: { name: 'local', namespace: 'kube-system' },
    spec: {
      redirectFrontend: frontend,
      redirectBackend: { localEndpointSelector: { matchLabels: { app: 'cache' } }, toPorts: ports },
    },
  }) as CiliumLocalRedirectPolicy;
const udp = { port: '53', protocol: 'UDP' };
const tcp = { port: '53', protocol: 'TCP' };
const byName = (...toPorts: readonly object[]): CiliumLocalRedirectPolicy =>
  policy({ serviceMatcher: { ...kubeDns, toPorts } });
const byAddress = (ip: string, ...toPorts: readonly object[]): CiliumLocalRedirectPolicy =>
  policy({ addressMatcher: { ip, toPorts } });
const cache = (
  rest: Parameters<typeof aPod>[2] = {},
  ports: readonly object[] = [{ containerPort: 53, protocol: 'UDP' }],
): Pod => aPod('cache', ports, { meta: { namespace: 'kube-system' }, ...rest });
const unready = { status: { conditions: [{ type: 'Ready', status: 'False' }] } };

const hostPortRows = tableWith({
  key: '0.0.0.0:9500/TCP',
  backends: ['10.1.1.7:9500/TCP'],
  flags: 'HostPort+non-routable',
});
const bare = (hostNetwork: boolean): Pod =>
  aPod('agent', [{ containerPort: 9500, hostPort: 9500, protocol: 'TCP' }], { spec: { hostNetwork } });

const uid = '5d1b7b7e-0a44-4f0e-9f6c-2e4cf7f60a11';
const ownedByGhost = `UpsertServiceAndFrontends: frontend already owned by another service: 0.0.0.0:25/TCP is owned by shop/mail-0:host-port:25:${uid}`;
const mail = (own: string): Pod => aPod('mail-0', [{ containerPort: 2525, hostPort: 25 }], { meta: { uid: own } });

const inZones = (...zones: readonly string[]): EndpointSlice => {
  const slice = cartSlice();
  return {
    ...slice,
    endpoints: (slice.endpoints ?? []).map((endpoint, at) =>
      Object.assign({}, endpoint, { zone: zones[at] ?? '', hints: { forZones: [{ name: zones[at] ?? '' }] } }),
    ),
  };
};
const close = cart({ trafficDistribution: 'PreferClose' });

const withUnready = (): EndpointSlice => {
  const slice = cartSlice([1, 2, 3]);
  return {
    ...slice,
    endpoints: (slice.endpoints ?? []).map((endpoint, at) =>
      at === 2 ? Object.assign({}, endpoint, { conditions: { ready: false, serving: false } }) : endpoint,
    ),
  };
};
const stale = tableWith({ backends: [backend(1), backend(9)] });
const whole = tableWith({});
/** Rows had no protocol then, which later releases read, too. */
const oldKey = '10.96.10.1:80/ANY';
const staleBefore117 = tableWith({ key: oldKey, backends: ['10.244.7.1:8080', '10.244.7.9:8080'] });
const wholeBefore117 = tableWith({ key: oldKey, backends: ['10.244.7.1:8080', '10.244.7.2:8080'] });
const left = { key: '172.30.0.11:31816/TCP/i', backends: [backend(1)], flags: 'NodePort+Local+two-scopes' };

const gateway = (more: Service['spec'] = {}): Service =>
  cart(
    {
      ports: [
        { port: 80, protocol: 'TCP' },
        { name: 'https', port: 443, protocol: 'TCP' },
      ],
      ...more,
    },
    {
      labels: { 'io.cilium.gateway/owning-gateway': 'web' },
    },
  );
const toProxy = (port: number, isRedirected: boolean) => ({
  key: `10.96.10.1:${port}/TCP`,
  backends: [],
  flags: `ClusterIP+non-routable${isRedirected ? '+l7-load-balancer' : ''}`,
});

const shared = { 'lbipam.cilium.io/sharing-key': 'web' };
const two = (other: string, annotations = shared): readonly Service[] => [
  balancer('192.0.2.1', {}, { annotations, name: 'cart' }),
  balancer(other, { clusterIP: '10.96.10.2', clusterIPs: ['10.96.10.2'] }, { annotations, name: 'till' }),
];
const pathMtu = { ...dsr, 'enable-pmtu-discovery': 'true' };
const linkLocal = (nodePort: boolean) => [
  { address: 'fe80::1', nodePort, primary: true, device: 'eth0' },
  { address: '2001:db8::11', nodePort: !nodePort, primary: true, device: 'eth0' },
];

export const cases: Readonly<Record<DefectReference, DefectCase>> = {
  // ---- tables
  '#45198': {
    on: ['1.19.0', '1.19.2'],
    beside: ['1.18.11', '1.19.3', '1.20.0'],
    here: { services: [cart()], slices: [cartSlice()], table: stale },
    apart: { services: [cart()], slices: [cartSlice()], table: whole },
    says: ['default/cart', ': KPR4003'],
  },
  '#38779': {
    on: ['1.16.0', '1.16.9', '1.17.0', '1.17.3'],
    beside: ['1.16.10', '1.17.4', '1.18.0'],
    here: { services: [cart()], slices: [cartSlice()], table: staleBefore117 },
    apart: { services: [cart()], slices: [cartSlice()], table: wholeBefore117 },
    says: ['default/cart', ': KPR4003'],
  },
  '#43999': {
    on: ['1.18.0', '1.18.7'],
    beside: ['1.17.16', '1.18.8', '1.19.0'],
    here: {
      services: [cart()],
      slices: [
        cartSlice(),
        aSlice('pay', [], {
          metadata: { name: 'cart-abcde', namespace: 'bank', labels: { 'kubernetes.io/service-name': 'pay' } },
        }),
      ],
      table: whole,
    },
    apart: { services: [cart()], slices: [cartSlice()], table: whole },
    says: ['default/cart bank/pay'],
  },
  '#43620': {
    on: ['1.18.0', '1.18.6'],
    beside: ['1.17.16', '1.18.7', '1.19.0'],
    here: {
      services: [cart(), named('cart-canary', '10.96.10.2', { selector: { app: 'cart', track: 'canary' } })],
      slices: [cartSlice(), aSlice('cart-canary', ['10.244.7.1'])],
    },
    apart: {
      services: [cart(), named('till', '10.96.10.2', { selector: { app: 'cart', track: 'canary' } })],
      slices: [cartSlice(), aSlice('till', ['10.244.7.1'])],
    },
    says: ['default/cart default/cart-canary'],
  },
  '#43902': {
    on: ['1.18.5', '1.18.8', '1.19.0', '1.19.1'],
    beside: ['1.18.4', '1.18.9', '1.19.2', '1.20.0'],
    here: { services: [cart()], slices: [withUnready()], table: tableWith({ lost: [2] }) },
    apart: { services: [cart()], slices: [cartSlice()], table: tableWith({ lost: [2] }) },
    says: ['default/cart', ': KPR4005'],
  },
  '#44895': {
    on: ['1.18.0', '1.18.8', '1.19.0', '1.19.2'],
    beside: ['1.17.16', '1.18.9', '1.19.3', '1.20.0'],
    here: { services: [cart()], slices: [cartSlice()], table: tableWith({ lost: [2] }) },
    apart: { services: [cart()], slices: [cartSlice()], table: whole },
    says: ['default/cart', ': KPR4005'],
  },
  '#39360': {
    on: ['1.17.0', '1.17.3'],
    beside: ['1.16.19', '1.17.4', '1.18.0'],
    here: {
      services: [cart({ internalTrafficPolicy: 'Local' })],
      table: tableWith({ key: '10.96.10.1:80/ANY', flags: 'ClusterIP+InternalLocal+non-routable' }),
    },
    apart: { services: [cart()], table: tableWith({ key: '10.96.10.1:80/ANY' }) },
    says: ['default/cart'],
  },
  '#37745': {
    on: ['1.17.0', '1.17.4'],
    beside: ['1.16.19', '1.17.5', '1.18.0'],
    here: {},
    apart: { only: true, services: [cart()] },
    says: ['kube-system/kube-dns'],
  },
  'pkg/loadbalancer/reconciler': {
    on: ['1.18.0', '1.18.11', '1.19.7', '1.20.2'],
    beside: ['1.17.16', '1.20.3'],
    here: { services: [cart()], slices: [cartSlice()], table: tableWith({}, left) },
    apart: {
      services: [cart()],
      slices: [cartSlice()],
      table: tableWith({}, left, { ...left, key: '172.30.0.11:31816/TCP' }),
    },
    says: [': KPR4004'],
  },
  '#41116': {
    on: ['1.18.0'],
    beside: ['1.17.16', '1.18.1', '1.19.0'],
    here: {
      settings: topology,
      zone: 'c',
      services: [close],
      slices: [inZones('a', 'b')],
      table: tableWith({ backends: [] }),
    },
    apart: {
      settings: topology,
      zone: 'a',
      services: [close],
      slices: [inZones('a', 'b')],
      table: tableWith({ backends: [] }),
    },
    says: ['default/cart', ': KPR4002'],
  },
  '#47054': {
    on: ['1.20.0', '1.20.1'],
    beside: ['1.19.7', '1.20.2'],
    here: { settings: topology, services: [close] },
    apart: { services: [close] },
    says: ['default/cart'],
  },
  // ---- host ports
  '#41521': {
    on: ['1.18.0', '1.18.2'],
    beside: ['1.17.16', '1.18.3', '1.19.0'],
    here: { pods: [dns(['UDP', 'TCP'])] },
    apart: { pods: [dns(['UDP'])] },
    says: ['shop/dns', ': KPR4001'],
  },
  '#46747': {
    on: ['1.18.0', '1.18.11', '1.19.0', '1.19.5'],
    beside: ['1.17.16', '1.19.6', '1.20.0'],
    here: { pods: [bare(true)], table: hostPortRows },
    apart: { pods: [bare(false)], table: hostPortRows },
    says: ['shop/agent', ': KPR4004'],
  },
  '#48455': {
    on: ['1.18.0', '1.19.7', '1.20.2'],
    beside: ['1.17.16', '1.20.3'],
    here: { said: ownedByGhost, pods: [mail('7a5b7b7e-0a44-4f0e-9f6c-2e4cf7f60a11')] },
    apart: { said: ownedByGhost, pods: [mail(uid)] },
    says: ['shop/mail-0', ': KPR4001'],
  },
  '#45314': {
    on: ['1.18.0', '1.18.11', '1.19.0', '1.19.6'],
    beside: ['1.17.16', '1.19.7', '1.20.0'],
    here: { services: [balancer('172.30.0.11')], pods: [aPod('lb', [{ containerPort: 80, hostPort: 80 }])] },
    apart: { services: [balancer('192.0.2.1')], pods: [aPod('lb', [{ containerPort: 80, hostPort: 80 }])] },
    says: ['default/cart'],
  },
  '#37419': {
    on: ['1.16.0', '1.16.7', '1.17.0', '1.17.1'],
    beside: ['1.16.8', '1.17.2', '1.18.0'],
    here: { pods: [dns(['UDP'])] },
    apart: { services: [cart()] },
    says: ['shop/dns', ': KPR4001'],
  },
  '#34385': {
    on: ['1.16.0', '1.16.1'],
    beside: ['1.16.2', '1.17.0'],
    here: { settings: { 'disable-endpoint-crd': 'true' }, pods: [dns(['UDP'])] },
    apart: { pods: [dns(['UDP'])] },
    says: ['shop/dns'],
  },
  // ---- addresses
  '#44778': {
    on: ['1.16.0', '1.17.16', '1.18.11', '1.19.0', '1.19.2'],
    beside: ['1.19.3', '1.20.0'],
    here: { addresses: linkLocal(true) },
    apart: { addresses: linkLocal(false) },
    says: [''],
  },
  '#45572': {
    on: ['1.19.0', '1.19.4'],
    beside: ['1.18.11', '1.19.5', '1.20.0'],
    here: { services: [balancer('172.30.0.11')] },
    apart: { services: [balancer('172.30.0.11', { loadBalancerClass: 'io.metallb' })] },
    says: ['default/cart'],
  },
  '#40915': {
    on: ['1.16.0', '1.16.19', '1.18.0'],
    beside: ['1.17.0', '1.18.1', '1.19.0'],
    here: {
      services: [balancer('192.0.2.1', {}, { ipMode: 'Proxy' })],
      slices: [cartSlice()],
      table: tableWith({}, { key: '192.0.2.1:80/TCP', flags: 'LoadBalancer' }),
    },
    apart: { services: [balancer('192.0.2.1')], slices: [cartSlice()] },
    says: ['default/cart', ': KPR4004'],
  },
  '#42351': {
    on: ['1.18.0', '1.18.5'],
    beside: ['1.17.16', '1.18.6', '1.19.0'],
    here: { services: [balancer('192.0.2.1', { loadBalancerSourceRanges: ['10.0.0.0/8'] })] },
    apart: {
      settings: { 'bpf-lb-source-range-all-types': 'true' },
      services: [balancer('192.0.2.1', { loadBalancerSourceRanges: ['10.0.0.0/8'] })],
    },
    says: ['default/cart'],
  },
  '#44747': {
    on: ['1.18.6', '1.18.11', '1.19.0', '1.19.7'],
    beside: ['1.18.5', '1.20.0'],
    here: {
      services: [balancer('192.0.2.1', { loadBalancerSourceRanges: ['10.0.0.0/8'], externalIPs: ['192.0.2.7'] })],
    },
    apart: { services: [balancer('192.0.2.1', { externalIPs: ['192.0.2.7'] })] },
    says: ['default/cart'],
  },
  '#46262': {
    on: ['1.19.0', '1.19.6'],
    beside: ['1.18.11', '1.19.7', '1.20.0'],
    here: { services: two('192.0.2.1') },
    apart: { services: two('192.0.2.2') },
    says: ['default/cart default/till'],
  },
  '#34783': {
    on: ['1.16.0', '1.16.2'],
    beside: ['1.16.3', '1.17.0'],
    here: { services: two('192.0.2.1') },
    apart: { services: two('192.0.2.1', { 'lbipam.cilium.io/sharing-key': 'web' }).slice(0, 1) },
    says: ['default/cart default/till'],
  },
  '#45197': {
    on: ['1.19.0', '1.19.3'],
    beside: ['1.18.11', '1.19.4', '1.20.0'],
    here: { settings: l2, services: [balancer('192.0.2.1')] },
    apart: { services: [balancer('192.0.2.1')] },
    says: ['default/cart'],
  },
  '#46079': {
    on: ['1.19.0', '1.19.4'],
    beside: ['1.18.11', '1.19.5', '1.20.0'],
    here: { settings: l2, services: [balancer('2001:db8::1')] },
    apart: { settings: l2, services: [balancer('192.0.2.1')] },
    says: ['default/cart'],
  },
  '#46399': {
    on: ['1.20.0', '1.20.1'],
    beside: ['1.19.7', '1.20.2'],
    here: { settings: l2, services: [balancer('192.0.2.1', { externalTrafficPolicy: 'Local' })] },
    apart: { settings: l2, services: [balancer('192.0.2.1')] },
    says: ['default/cart'],
  },
  // ---- redirect policies
  '#45412': {
    on: ['1.16.0', '1.16.19', '1.17.0', '1.17.15'],
    beside: ['1.17.16', '1.18.0'],
    here: { settings: lrp, policies: [byAddress('10.96.0.10', udp)], pods: [cache()] },
    apart: { settings: lrp, policies: [byAddress('169.254.20.10', udp)], pods: [cache()] },
    says: ['kube-system/kube-dns kube-system/local'],
  },
  '#45522': {
    on: ['1.18.0', '1.18.9', '1.19.0', '1.19.3'],
    beside: ['1.17.16', '1.18.10', '1.19.4', '1.20.0'],
    here: { settings: lrp, policies: [byAddress('10.96.0.10', udp)], table: tableWith() },
    apart: { policies: [byAddress('10.96.0.10', udp)], table: tableWith() },
    says: ['kube-system/kube-dns kube-system/local'],
  },
  '#41463': {
    on: ['1.18.0', '1.18.1'],
    beside: ['1.17.16', '1.18.2', '1.19.0'],
    here: { settings: lrp, policies: [byName(udp, tcp)] },
    apart: { settings: lrp, policies: [byName(udp, tcp)], pods: [cache()] },
    says: ['kube-system/kube-dns kube-system/local'],
  },
  '#41534': {
    on: ['1.18.0', '1.18.1'],
    beside: ['1.17.16', '1.18.2', '1.19.0'],
    here: { settings: lrp, policies: [byName({ ...udp, name: 'dns' })], pods: [cache()] },
    apart: { settings: lrp, policies: [byName(udp)], pods: [cache()] },
    says: ['kube-system/kube-dns kube-system/local'],
  },
  '#41602': {
    on: ['1.18.0', '1.18.2'],
    beside: ['1.17.16', '1.18.3', '1.19.0'],
    here: { settings: lrp, policies: [byAddress('169.254.20.10', udp, tcp)], pods: [cache()] },
    apart: { settings: lrp, policies: [byAddress('169.254.20.10', udp)], pods: [cache()] },
    says: ['kube-system/local'],
  },
  '#41411': {
    on: ['1.18.0', '1.18.1'],
    beside: ['1.17.16', '1.18.2', '1.19.0'],
    here: {
      settings: lrp,
      policies: [
        policy({
          serviceMatcher: { serviceName: 'web', namespace: 'kube-system', toPorts: [{ port: '80', protocol: 'TCP' }] },
        }),
      ],
      services: [
        aPlainService(
          'web',
          {
            ports: [
              { name: 'http', port: 80 },
              { name: 'https', port: 443 },
            ],
          },
          { namespace: 'kube-system' },
        ),
      ],
      pods: [cache()],
    },
    apart: {
      settings: lrp,
      policies: [
        policy({
          serviceMatcher: { serviceName: 'web', namespace: 'kube-system', toPorts: [{ port: '80', protocol: 'TCP' }] },
        }),
      ],
      services: [aPlainService('web', { ports: [{ name: 'http', port: 80 }] }, { namespace: 'kube-system' })],
      pods: [cache()],
    },
    says: ['kube-system/web kube-system/local'],
  },
  '#43095': {
    on: ['1.18.0', '1.18.6'],
    beside: ['1.17.16', '1.18.7', '1.19.0'],
    here: { settings: lrp, policies: [byName(udp, tcp)], pods: [cache(unready)] },
    apart: { settings: lrp, policies: [byName(udp, tcp)], pods: [cache()] },
    says: ['kube-system/local'],
  },
  '#46638': {
    on: ['1.20.0', '1.20.1'],
    beside: ['1.19.7', '1.20.2'],
    here: { settings: lrp, policies: [byName(udp)], pods: [cache({}, [])] },
    apart: { settings: lrp, policies: [byName(udp)], pods: [cache()] },
    says: ['kube-system/local'],
  },
  '#40246': {
    on: ['1.17.0', '1.17.6'],
    beside: ['1.16.19', '1.17.7', '1.18.0'],
    here: { settings: { ...lrp, 'bpf-lb-algorithm-annotation': 'true' }, policies: [byName(udp)], pods: [cache()] },
    apart: { settings: lrp, policies: [byName(udp)], pods: [cache()] },
    says: ['kube-system/local'],
  },
  '#41449': {
    on: ['1.16.0', '1.16.13', '1.17.0', '1.17.7'],
    beside: ['1.16.14', '1.17.8', '1.18.0'],
    here: { settings: lrp, kernel: '5.4.0-150-generic' },
    apart: { settings: lrp, kernel: '5.7.0' },
    says: [''],
  },
  '#36036': {
    on: ['1.16.0', '1.16.4'],
    beside: ['1.16.5', '1.17.0'],
    here: {
      settings: lrp,
      policies: [byAddress('169.254.20.10', udp)],
      pods: [cache()],
      table: tableWith({ key: '169.254.20.10:53/UDP', backends: ['10.244.7.9:53/UDP'], flags: 'LocalRedirect' }),
    },
    apart: {
      settings: lrp,
      policies: [byAddress('169.254.20.10', udp)],
      pods: [cache()],
      table: tableWith({ key: '169.254.20.10:53/UDP', backends: ['10.1.1.7:53/UDP'], flags: 'LocalRedirect' }),
    },
    says: ['kube-system/local', ': KPR4003'],
  },
  // ---- global Services
  '#45179': {
    on: ['1.18.0', '1.18.9', '1.19.0', '1.19.3'],
    beside: ['1.17.16', '1.18.10', '1.19.4', '1.20.0'],
    here: {
      services: [globalCart()],
      slices: [
        {
          ...cartSlice(),
          ports: [
            { name: 'a', port: 8080 },
            { name: 'b', port: 8080 },
          ],
        },
      ],
    },
    apart: {
      services: [globalCart()],
      slices: [
        {
          ...cartSlice(),
          ports: [
            { name: 'a', port: 8080 },
            { name: 'b', port: 8081 },
          ],
        },
      ],
    },
    says: ['default/cart'],
  },
  '#46635': {
    on: ['1.18.0', '1.18.11', '1.19.0', '1.19.5'],
    beside: ['1.17.16', '1.19.6', '1.20.0'],
    here: { services: [globalCart({}, { 'service.cilium.io/affinity': 'none' })] },
    apart: { services: [globalCart({}, { 'service.cilium.io/affinity': 'local' })] },
    says: ['default/cart'],
  },
  '#40848': {
    on: ['1.18.0'],
    beside: ['1.17.16', '1.18.1', '1.19.0'],
    here: { services: [globalCart()] },
    apart: { services: [globalCart({ ports: [{ name: 'http', port: 80 }] })] },
    says: ['default/cart'],
  },
  '#43807': {
    on: ['1.18.5', '1.18.6'],
    beside: ['1.18.4', '1.18.7', '1.19.0'],
    here: { services: [globalCart()] },
    apart: { services: [cart()] },
    says: ['default/cart'],
  },
  '#40361': {
    on: ['1.17.0', '1.17.5'],
    beside: ['1.16.19', '1.17.6', '1.18.0'],
    here: { services: [globalCart({ selector: {} })] },
    apart: { services: [globalCart()] },
    says: ['default/cart'],
  },
  // ---- modes
  '#40845': {
    on: ['1.17.0', '1.17.6'],
    beside: ['1.16.19', '1.17.7', '1.18.0'],
    here: {
      settings: { 'bpf-lb-algorithm-annotation': 'true' },
      services: [cart()],
      slices: [cartSlice()],
      table: tableWith(),
    },
    apart: { services: [cart()], slices: [cartSlice()], table: tableWith() },
    says: ['', ': KPR4001'],
  },
  '#41963': {
    on: ['1.16.0', '1.17.16', '1.18.11', '1.19.0', '1.19.2'],
    beside: ['1.19.3', '1.20.0'],
    here: { settings: { ...dsr, 'bpf-lb-sock-hostns-only': 'true' }, services: [nodePorts] },
    apart: { settings: dsr, services: [nodePorts] },
    says: ['default/cart'],
  },
  '#47593': {
    on: ['1.20.0'],
    beside: ['1.19.7', '1.20.1'],
    here: { settings: dsr, services: [nodePorts] },
    apart: { services: [nodePorts] },
    says: ['default/cart'],
  },
  '#47640': {
    on: ['1.20.0'],
    beside: ['1.19.7', '1.20.1'],
    here: { settings: dsr, services: [nodePorts] },
    apart: { settings: dsr, services: [cart()] },
    says: ['default/cart'],
  },
  '#48053': {
    on: ['1.20.0', '1.20.1'],
    beside: ['1.19.7', '1.20.2'],
    here: { settings: pathMtu, services: [nodePorts] },
    apart: { settings: dsr, services: [nodePorts] },
    says: ['default/cart'],
  },
  '#40590': {
    on: ['1.17.6'],
    beside: ['1.17.5', '1.17.7', '1.18.0'],
    here: { settings: { 'kube-proxy-replacement-healthz-bind-address': '0.0.0.0:10256' } },
    apart: {},
    says: [''],
  },
  '#35623': {
    on: ['1.16.0', '1.16.3'],
    beside: ['1.16.4', '1.17.0'],
    here: { settings: { 'loadbalancer-l7': 'envoy' } },
    apart: {},
    says: [''],
  },
  '#44286': {
    on: ['1.18.0', '1.18.7', '1.19.0', '1.19.1'],
    beside: ['1.17.16', '1.18.8', '1.19.2', '1.20.0'],
    here: { services: [gateway({ healthCheckNodePort: 31_000 })] },
    apart: { services: [cart({ healthCheckNodePort: 31_000 })] },
    says: ['default/cart'],
  },
  '#45949': {
    on: ['1.19.0', '1.19.5'],
    beside: ['1.18.11', '1.19.6', '1.20.0'],
    here: { services: [gateway()], table: tableWith(toProxy(80, true), toProxy(443, false)) },
    apart: { services: [gateway()], table: tableWith(toProxy(80, true), toProxy(443, true)) },
    says: ['default/cart'],
  },
  '#48016': {
    on: ['1.16.0', '1.17.16', '1.18.11', '1.19.7', '1.20.1'],
    beside: ['1.20.2'],
    here: { kernel: '7.2.0', isAgentReady: false },
    apart: { kernel: '7.2.0' },
    says: [''],
  },
  '#48778': {
    on: ['1.20.2'],
    beside: ['1.19.7', '1.20.1'],
    here: { said: 'apply CO-RE relocations: load kernel spec: no BTF found for kernel version 6.18.39: not supported' },
    apart: { said: 'interface eth9 not found' },
    says: [''],
  },
  '#47765': {
    on: ['1.19.0', '1.19.6', '1.20.0'],
    beside: ['1.18.11', '1.19.7', '1.20.1'],
    here: {
      settings: { 'enable-ipv6': 'true' },
      kernel: '5.10.0',
      said: 'program cil_from_container: load program: permission denied',
    },
    apart: {
      settings: { 'enable-ipv6': 'true' },
      kernel: '5.12.0',
      said: 'program cil_from_container: load program: permission denied',
    },
    says: [''],
  },
  // ---- without kube-proxy replacement
  '#47204': {
    on: ['1.19.0', '1.19.6'],
    beside: ['1.18.11', '1.19.7', '1.20.0'],
    here: { settings: off, services: [balancer('192.0.2.1')] },
    apart: { services: [balancer('192.0.2.1')] },
    says: ['default/cart'],
  },
  '#48178': {
    on: ['1.19.7'],
    beside: ['1.19.6', '1.20.0'],
    here: { settings: off, services: [balancer('192.0.2.1')] },
    apart: { settings: { ...off, 'routing-mode': 'native' }, services: [balancer('192.0.2.1')] },
    says: ['default/cart'],
  },
  '#44066': {
    on: ['1.16.0', '1.17.16', '1.18.11', '1.19.7'],
    beside: ['1.20.0'],
    here: {
      said: "cgroup detach: detach programs from cgroup /run/cilium/cgroupv2: can't detach program: operation not permitted",
    },
    apart: { said: 'interface eth9 not found' },
    says: [''],
  },
};

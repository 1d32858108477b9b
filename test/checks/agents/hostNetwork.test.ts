import { describe, expect, test } from 'vitest';
import { kernelLetsPass } from '../../../checks/agents/kernelLetsPass.ts';
import { linksUp } from '../../../checks/agents/linksUp.ts';
import { routesLeadToPods } from '../../../checks/agents/routesLeadToPods.ts';
import type { Pod } from '../../../src/model/kubernetes.ts';
import { parseRoutes } from '../../../src/parse/parseRoutes.ts';
import {
  aMissing,
  aSnapshot,
  codesOf,
  findingsOf,
  type NodeChanges,
  type SnapshotChanges,
} from '../../support/aSnapshot.ts';
import { aTry, ciliumConfig } from '../../support/healthy.ts';
import { standardCases } from '../../support/standardCases.ts';
import { valueOf } from '../../parse/recorded.ts';

const n2 = (changes: NodeChanges): SnapshotChanges => ({ nodes: { n2: changes } });
const link = (name: string, up = true) => ({ name, up, addresses: [] });
const upLinks = ['eth0', 'cilium_host', 'cilium_net', 'cilium_vxlan'].map((name) => link(name));
const links = (changed: ReturnType<typeof link>): NodeChanges => ({
  interfaces: upLinks.map((one) => (one.name === changed.name ? changed : one)),
});

describe('links', () => {
  test.each<[string, SnapshotChanges, string[]]>([
    ['cilium_host is down', n2(links(link('cilium_host', false))), ['linkDown n2']],
    ['that of the tunnel is down', n2(links(link('cilium_vxlan', false))), ['tunnelDown n2']],
    ['a device on which Cilium serves is down', n2(links(link('eth0', false))), ['deviceDown n2']],
    ['another link is down', n2({ interfaces: [...upLinks, link('eth7', false)] }), []],
  ])('%s', (_, changes, expected) => {
    expect(variantsOf(linksUp, changes)).toEqual(expected);
  });

  standardCases(linksUp, {
    faulty: {
      KPR1019: {
        linkDown: n2(links(link('cilium_host', false))),
        tunnelDown: n2(links(link('cilium_vxlan', false))),
        deviceDown: n2(links(link('eth0', false))),
        routeMissing: { raisedBy: routesLeadToPods },
        routeOffLink: { raisedBy: routesLeadToPods },
        ownRouteMissing: { raisedBy: routesLeadToPods },
        routeRefuses: { raisedBy: routesLeadToPods },
        ruleTakes: { raisedBy: routesLeadToPods },
        forwardingOff: { raisedBy: kernelLetsPass },
        linkForwardingOff: { raisedBy: kernelLetsPass },
        podForwardingOff: { raisedBy: kernelLetsPass },
        reverseFilter: { raisedBy: kernelLetsPass },
      },
    },
    notApplicable: {
      nodes: { n1: { interfaces: aMissing('notCollected') }, n2: { interfaces: aMissing('notCollected') } },
    },
    hostile: (text) =>
      n2({
        interfaces: [...upLinks, link(text, false)],
        status: { kpr: { devices: [{ name: text, addresses: [] }] } },
      }),
  });
});

const aPod = (node: string, ip: string, changes: Partial<Pod['status'] & Pod['spec']> = {}): Pod => ({
  metadata: { name: `web-${node}`, namespace: 'default' },
  spec: { nodeName: node, ...(changes?.hostNetwork === true && { hostNetwork: true }) },
  status: {
    phase: 'Running',
    podIP: ip,
    podIPs: [{ ip }],
    startTime: '2026-11-21T08:00:00Z',
    conditions: [{ type: 'Ready', status: 'True' }],
    ...changes,
  },
});
const pods = [aPod('n1', '10.244.1.9'), aPod('n2', '10.244.2.9')];
const routed = (n2s: NodeChanges, facts: SnapshotChanges['facts'] = {}): SnapshotChanges => ({
  facts: { pods, ...facts },
  nodes: { n2: n2s },
});
const routes = (text: string): NodeChanges => ({ routes4: valueOf(parseRoutes('ipv4')(text)) });
const ownOnly = routes('default via 172.30.0.1 dev eth0\n10.244.2.0/24 via 10.244.2.1 dev cilium_host\n');
const refusing = (route: string) =>
  routes(`10.244.1.0/24 via 10.244.2.1 dev cilium_host\n10.244.2.0/24 dev cilium_host\n${route} proto bird\n`);
const othersOnly = routes('default via 172.30.0.1 dev eth0\n10.244.1.0/24 via 10.244.2.1 dev cilium_host\n');
const settings = (...more: readonly [string, string][]): NodeChanges => ({
  startedConfig: new Map([...ciliumConfig, ...more]),
});
const direct = settings(['routing-mode', 'native'], ['auto-direct-node-routes', 'true']);
/** Beside a route to its own pods one to the network of nodes. */
const besideNode = routes(
  'default via 172.30.0.1 dev eth0\n10.244.2.0/24 via 10.244.2.1 dev cilium_host\n172.30.0.0/24 dev eth0\n',
);
const unreached: NodeChanges = {
  reachProbe: { tries: [aTry('n1', 'pod', '10.244.1.9', 80, 'timeout'), aTry('n1', 'node', '172.30.0.11', 10_250)] },
};
const aSysdump = { kind: 'sysdump', file: 'x.zip' } as const;

const untried: NodeChanges = { reachProbe: { tries: [] } };
const ruled = (action: string, priority = 50, network = '10.244.1.0/24'): NodeChanges => ({
  routeRules: [
    '0: from all lookup local',
    `${priority}: from all to ${network} ${action}`,
    '32766: from all lookup main',
  ].toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)),
});

describe('routes', () => {
  test.each<[string, SnapshotChanges, string[]]>([
    ['to the pods of another node', routed(ownOnly), ['routeMissing n2']],
    ['to its own pods', routed(othersOnly), ['ownRouteMissing n2']],
    ['in a file that may be cut there', { ...routed(othersOnly), origin: aSysdump }, ['unknown n2 unparsed']],
    ['in a file that goes on behind it', { ...routed(ownOnly), origin: aSysdump }, ['routeMissing n2']],
    ['which refuses pods of another node', routed(refusing('blackhole 10.244.1.0/28')), ['routeRefuses n2']],
    ['which refuses its own pods', routed(refusing('unreachable 10.244.2.0/25')), ['routeRefuses n2']],
    ['which refuses addresses of no pod', routed(refusing('blackhole 10.244.1.64/26')), []],
    ['none but its network’s', routed(routes('172.30.1.0/24 dev eth0\n')), ['ownRouteMissing n2', 'routeMissing n2']],
    ['none at all: nobody would reach such a node', routed(routes('')), ['unknown n2 unparsed']],
    [
      'to a pod that does not run yet',
      routed(ownOnly, { pods: [aPod('n1', '10.244.1.9', { phase: 'Pending' })] }),
      ['skipped: no pod shows where routes must lead'],
    ],
    [
      'to a node that has just come',
      routed(ownOnly, { pods: [aPod('n1', '10.244.1.9', { startTime: '2026-11-21T09:59:30Z' })] }),
      ['skipped: no pod shows where routes must lead'],
    ],
    ['of a network that others route', routed({ ...ownOnly, ...settings(['routing-mode', 'native']) }), []],
    ['that agents make in such a network', routed({ ...unreached, ...besideNode, ...direct }), ['routeMissing n2']],
    ['that agents make, and the network knows, too', routed({ ...besideNode, ...direct }), []],
    [
      'that agents make, to a node on another network',
      routed({ ...unreached, ...ownOnly, ...direct }),
      ['routeOffLink n2'],
    ],
    ['that agents make, to a node on another network, which routers know', routed({ ...ownOnly, ...direct }), []],
    [
      'that agents make, to a node on another network of which one pod is reached by another way',
      routed({
        ...direct,
        ...routes('default via 172.30.0.1 dev eth0\n10.244.2.0/24 dev cilium_host\n10.244.1.0/29 dev eth1\n'),
      }),
      ['routeOffLink n2'],
    ],
    [
      'another CNI makes them',
      {
        ...routed({}),
        nodes: {
          n1: settings(['cni-chaining-mode', 'aws-cni']),
          n2: { ...ownOnly, ...settings(['cni-chaining-mode', 'aws-cni']) },
        },
      },
      ['skipped: another CNI makes the routes'],
    ],
    [
      'another table may have it',
      routed({
        ...ownOnly,
        routeRules: ['0: from all lookup local', '5270: from all lookup 52', '32766: from all lookup main'],
      }),
      ['unknown n2 unparsed'],
    ],
    [
      'rules of Cilium are none of those',
      routed({
        ...ownOnly,
        routeRules: [
          '9: from all fwmark 0x200/0xf00 lookup 2004',
          '20: from all to 10.244.2.9 lookup main',
          '32766: from all lookup main',
        ],
      }),
      ['routeMissing n2'],
    ],
    ['a rule takes them, and they are reached all the same', routed(ruled('lookup 77')), []],
    ['a rule takes them, and they are not reached', routed({ ...unreached, ...ruled('lookup 77') }), ['ruleTakes n2']],
    [
      'a rule takes them, and nothing was tried',
      routed({ ...untried, ...ruled('lookup 77') }),
      ['unknown n2 notCollected'],
    ],
    ['a rule leads to the table main', routed({ ...unreached, ...ruled('lookup main') }), []],
    ['a rule refuses', routed({ ...untried, ...ruled('unreachable') }), ['ruleTakes n2']],
    ['a rule that refuses comes behind main', routed({ ...unreached, ...ruled('unreachable', 40_000) }), []],
    ['a rule is for other addresses', routed({ ...unreached, ...ruled('lookup 77', 50, '10.250.0.0/16') }), []],
    ['a rule is for marked packets', routed({ ...unreached, ...ruled('fwmark 0x1 lookup 77') }), []],
    ['a rule takes what no route of main leads to', routed({ ...ownOnly, ...ruled('lookup 77') }), []],
  ])('%s', (_, changes, expected) => {
    expect(variantsOf(routesLeadToPods, changes)).toEqual(expected);
  });

  test('a rule is named as it is taken away', () => {
    const found = findingsOf(routesLeadToPods, aSnapshot(routed(ruled('prohibit'))));
    expect(found).toMatchObject([{ params: { priority: '50', network: '10.244.1.0/24', peers: 'n1' } }]);
  });

  test('a route that refuses is named as it is taken away', () => {
    const found = findingsOf(routesLeadToPods, aSnapshot(routed(refusing('blackhole 10.244.1.0/28'))));
    expect(found).toMatchObject([{ params: { address: '10.244.1.9', kind: 'blackhole', network: '10.244.1.0/28' } }]);
  });

  standardCases(routesLeadToPods, {
    healthy: { facts: { pods } },
    faulty: {
      KPR1019: {
        routeMissing: routed(ownOnly),
        routeOffLink: routed({ ...unreached, ...ownOnly, ...direct }),
        ownRouteMissing: routed(othersOnly),
        routeRefuses: routed(refusing('blackhole 10.244.1.0/28')),
        ruleTakes: routed(ruled('unreachable')),
        linkDown: { raisedBy: linksUp },
        tunnelDown: { raisedBy: linksUp },
        deviceDown: { raisedBy: linksUp },
        forwardingOff: { raisedBy: kernelLetsPass },
        linkForwardingOff: { raisedBy: kernelLetsPass },
        podForwardingOff: { raisedBy: kernelLetsPass },
        reverseFilter: { raisedBy: kernelLetsPass },
      },
    },
    notApplicable: {},
    hostile: (text) => routed({ routes4: [{ from: 0n, device: text, isDefault: true }] }),
  });
});

const sysctls = (...changed: readonly [string, string][]): NodeChanges => ({
  status: { routing: { intraHost: 'Legacy' } },
  sysctls: new Map([
    ['net.ipv4.ip_forward', '1'],
    ['net.ipv4.conf.all.rp_filter', '0'],
    ['net.ipv6.conf.all.forwarding', '1'],
    ...changed,
  ]),
});
const forwards = (link: string) => `net.ipv4.conf.${link}.forwarding`;
const filters = (link: string) => `net.ipv4.conf.${link}.rp_filter`;

describe('settings of the kernel', () => {
  test.each<[string, SnapshotChanges, string[]]>([
    ['it does not forward', n2(sysctls(['net.ipv4.ip_forward', '0'])), ['forwardingOff n2']],
    ['nor IPv6, which is off', n2(sysctls(['net.ipv6.conf.all.forwarding', '0'])), []],
    [
      'nor IPv6',
      n2({ ...sysctls(['net.ipv6.conf.all.forwarding', '0']), ...settings(['enable-ipv6', 'true']) }),
      ['forwardingOff n2'],
    ],
    ['it does not forward what comes by a device', n2(sysctls([forwards('eth0'), '0'])), ['linkForwardingOff n2']],
    ['nor by the tunnel', n2(sysctls([forwards('cilium_vxlan'), '0'])), ['linkForwardingOff n2']],
    ['nor what comes from pods', n2(sysctls([forwards('lxc56e4ac36cb0c'), '0'])), ['podForwardingOff n2']],
    ['nor by links that need it not', n2(sysctls([forwards('cilium_host'), '0'], [forwards('dummy0'), '0'])), []],
    [
      'nor by any',
      n2(sysctls(['net.ipv4.ip_forward', '0'], [forwards('eth0'), '0'], [forwards('cilium_vxlan'), '0'])),
      ['forwardingOff n2'],
    ],
    ['it filters all links', n2(sysctls([filters('all'), '1'])), ['reverseFilter n2']],
    ['it filters links of pods', n2(sysctls([filters('lxc56e4ac36cb0c'), '1'])), ['reverseFilter n2']],
    ['it filters them loosely', n2(sysctls([filters('all'), '2'], [filters('lxc56e4ac36cb0c'), '1'])), []],
    ['it filters links of others', n2(sysctls([filters('eth0'), '1'])), []],
    [
      'an older capture has others only',
      n2({ ...sysctls(), sysctls: new Map([['net.ipv4.ip_local_port_range', '32768 60999']]) }),
      ['unknown n2 notCollected'],
    ],
    [
      'packets of pods go past it',
      n2({ ...sysctls([filters('all'), '1']), status: { routing: { intraHost: 'BPF' } } }),
      ['skipped: packets of pods do not pass the host’s own routing'],
    ],
  ])('%s', (_, changes, expected) => {
    expect(variantsOf(kernelLetsPass, changes)).toEqual(expected);
  });

  standardCases(kernelLetsPass, {
    healthy: n2(sysctls()),
    faulty: {
      KPR1019: {
        forwardingOff: n2(sysctls(['net.ipv4.ip_forward', '0'])),
        linkForwardingOff: n2(sysctls([forwards('eth0'), '0'])),
        podForwardingOff: n2(sysctls([forwards('lxc56e4ac36cb0c'), '0'])),
        routeRefuses: { raisedBy: routesLeadToPods },
        ruleTakes: { raisedBy: routesLeadToPods },
        reverseFilter: n2(sysctls([filters('all'), '1'])),
        linkDown: { raisedBy: linksUp },
        tunnelDown: { raisedBy: linksUp },
        deviceDown: { raisedBy: linksUp },
        routeMissing: { raisedBy: routesLeadToPods },
        routeOffLink: { raisedBy: routesLeadToPods },
        ownRouteMissing: { raisedBy: routesLeadToPods },
      },
    },
    notApplicable: {},
    hostile: (text) => n2(sysctls([filters(`lxc${text}`), '1'])),
  });
});

/** `linkDown n2`, or what else is said. */
function variantsOf(check: Parameters<typeof codesOf>[0], changes: SnapshotChanges): string[] {
  const snapshot = aSnapshot(changes);
  const found = findingsOf(check, snapshot);
  return found.length > 0
    ? found.map(({ variant, nodes }) => `${variant} ${nodes.join(',')}`)
    : codesOf(check, snapshot);
}

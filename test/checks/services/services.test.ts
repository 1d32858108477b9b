import { expect, test } from 'vitest';
import { backendsReady } from '../../../checks/services/backendsReady.ts';
import { serviceAnnotationsHonoured } from '../../../checks/services/serviceAnnotationsHonoured.ts';
import { valueOf } from '../../../src/model/Fact.ts';
import type { EndpointSlice, Node, Pod, Service } from '../../../src/model/kubernetes.ts';
import {
  aMissing,
  aSnapshot,
  type ClusterChanges,
  codesOf,
  findingsOf,
  type SnapshotChanges,
} from '../../support/aSnapshot.ts';
import { aNode, aService, aSlice, ciliumConfig, healthyFacts } from '../../support/healthy.ts';
import { reportOn, stepCommandsOf } from '../../support/reportOn.ts';
import { standardCases } from '../../support/standardCases.ts';
import { tried } from '../../support/tried.ts';

const facts = healthyFacts(['n1', 'n2']);
const services = valueOf(facts.services) ?? [];
const slices = valueOf(facts.endpointSlices) ?? [];
const kubeDns = services.filter(({ metadata }) => metadata.name === 'kube-dns');

/** A Service `shop` with these annotations (or labels), beside those of a healthy cluster. */
const annotated = (
  annotations: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>> = {},
): ClusterChanges => ({
  services: [...services, aService('shop', { type: 'LoadBalancer' }, { annotations, labels })],
});
const prefix = 'service.cilium.io/';
const listing = (...names: string[]): SnapshotChanges['nodes'] & object => {
  const status = { kpr: { annotations: names.map((name) => prefix + name) } };
  return { n1: { status }, n2: { status } };
};
const silent = { n1: { status: aMissing('timeout') }, n2: { status: aMissing('timeout') } } as const;

test.each<[string, SnapshotChanges, string[]]>([
  ['healthy', {}, []],
  [
    'valid ones',
    {
      facts: annotated({
        [`${prefix}type`]: 'ClusterIP',
        [`${prefix}node-selector`]: 'zone notin (a,b),!spot',
        [`${prefix}node`]: 'x',
        [`${prefix}src-ranges-policy`]: 'Deny',
        [`${prefix}proxy-delegation`]: 'none',
      }),
    },
    [],
  ],
  [
    'those of others',
    {
      facts: annotated({
        'lbipam.cilium.io/ips': '192.0.2.1',
        'io.cilium/lb-ipam-ips': '192.0.2.1',
        'example.com/x': 'y',
      }),
    },
    [],
  ],
  [
    'global ones, by both names',
    {
      facts: annotated({
        'io.cilium/global-service': 'true',
        'io.cilium/service-affinity': 'Local',
        [`${prefix}shared`]: 'false',
      }),
    },
    [],
  ],
  ['an unknown key', { facts: annotated({ [`${prefix}nodeselector`]: 'a=b' }) }, ['KPR5005 default/shop']],
  [
    'a key that only a newer agent knows',
    { facts: annotated({ [`${prefix}tos`]: '0xb8' }), nodes: listing('tos') },
    [],
  ],
  [
    'an alias with a letter missing',
    { facts: annotated({ 'io.cilium/global-servce': 'true' }) },
    ['KPR5005 default/shop'],
  ],
  ['a type in lower case', { facts: annotated({ [`${prefix}type`]: 'loadbalancer' }) }, ['KPR5005 default/shop']],
  [
    'a selector that is none',
    { facts: annotated({ [`${prefix}node-selector`]: 'a = b = c' }) },
    ['KPR5005 default/shop'],
  ],
  [
    'an algorithm whose switch is off',
    { facts: annotated({ [`${prefix}lb-algorithm`]: 'maglev' }) },
    ['KPR5005 default/shop'],
  ],
  [
    'an algorithm whose switch is on',
    { facts: annotated({ [`${prefix}lb-algorithm`]: 'maglev' }), nodes: listing('lb-algorithm', 'type') },
    [],
  ],
  [
    'the same, as one agent of two says',
    { facts: annotated({ [`${prefix}lb-algorithm`]: 'maglev' }), nodes: { n1: listing('lb-algorithm')['n1'] ?? {} } },
    [],
  ],
  [
    'agents that say nothing, the switch in the configuration',
    {
      facts: {
        ...annotated({ [`${prefix}forwarding-mode`]: 'dsr' }),
        ciliumConfig: new Map([...ciliumConfig, ['bpf-lb-mode-annotation', 'true']]),
      },
      nodes: silent,
    },
    [],
  ],
  [
    'agents that say nothing, no switch',
    { facts: annotated({ [`${prefix}forwarding-mode`]: 'dsr' }), nodes: silent },
    ['KPR5005 default/shop'],
  ],
  [
    'agents that say nothing, configuration not read',
    {
      facts: { ...annotated({ [`${prefix}forwarding-mode`]: 'dsr' }), ciliumConfig: aMissing('forbidden') },
      nodes: silent,
    },
    ['unknown forbidden'],
  ],
  ['layer 7 without Envoy', { facts: annotated({ [`${prefix}lb-l7`]: 'enabled' }) }, ['KPR5005 default/shop']],
  [
    'layer 7 with Envoy',
    {
      facts: {
        ...annotated({ [`${prefix}lb-l7`]: 'enabled' }),
        ciliumConfig: new Map([...ciliumConfig, ['loadbalancer-l7', 'envoy']]),
      },
    },
    [],
  ],
  [
    'an agent too old for node-selector',
    { facts: annotated({ [`${prefix}node-selector`]: 'a=b' }), nodes: listing('node', 'type') },
    ['KPR5005 default/shop'],
  ],
  ['affinity without global', { facts: annotated({ [`${prefix}affinity`]: 'local' }) }, ['KPR5005 default/shop']],
  ['a weight on the Service', { facts: annotated({ [`${prefix}weight`]: '10' }) }, ['KPR5005 default/shop']],
  ['a label instead', { facts: annotated({}, { [`${prefix}type`]: 'ClusterIP' }) }, ['KPR5005 default/shop']],
  [
    'a node with an annotation instead',
    {
      facts: {
        nodes: [aNode('n1', { metadata: { name: 'n1', annotations: { [`${prefix}node`]: 'a' } } }), aNode('n2')],
      },
    },
    ['KPR5005 n1'],
  ],
  [
    'a node with both',
    {
      facts: {
        nodes: [
          aNode('n1', {
            metadata: { name: 'n1', annotations: { [`${prefix}node`]: 'a' }, labels: { [`${prefix}node`]: 'a' } },
          }),
          aNode('n2'),
        ],
      },
    },
    [],
  ],
  [
    'a label that is an annotation, too, as its remedy leaves it',
    { facts: annotated({ [`${prefix}type`]: 'ClusterIP' }, { [`${prefix}type`]: 'ClusterIP' }) },
    [],
  ],
  [
    'session affinity, of which a check of its own says more',
    { facts: annotated({ [`${prefix}session-affinity`]: 'ClientIP' }) },
    [],
  ],
  ['Services not read', { facts: { services: aMissing('forbidden') } }, ['unknown forbidden']],
])('annotations: %s', (_, changes, expected) => {
  expect(codesOf(serviceAnnotationsHonoured, aSnapshot(changes))).toEqual(expected);
});

const weighted = (weight: string): readonly EndpointSlice[] => [
  ...slices,
  aSlice('shop', ['10.0.0.1'], {
    metadata: { name: 'shop-1', namespace: 'default', annotations: { [`${prefix}weight`]: weight } },
  }),
];
test.each([
  ['1.20.1', '10', []],
  ['1.20.1', '0', []],
  ['1.20.1', '70000', ['uselessValue']],
  ['1.19.6', '10', ['notHonoured']],
])('a weight on an EndpointSlice: Cilium %s, %s', (version, weight, variants) => {
  const nodes = { n1: { status: { version } }, n2: { status: { version } } };
  const found = findingsOf(
    serviceAnnotationsHonoured,
    aSnapshot({ facts: { endpointSlices: weighted(weight) }, nodes }),
  );
  expect(found.map(({ variant }) => variant)).toEqual(variants);
});

test.each<[Readonly<Record<string, string>>, object]>([
  [
    { [`${prefix}nodeselector`]: 'a=b' },
    {
      variant: 'unknownKey',
      severity: 'warning',
      params: { hint: '; likely meant is service.cilium.io/node-selector' },
    },
  ],
  [
    { [`${prefix}affinity-timeout`]: '60' },
    {
      variant: 'unknownKey',
      params: { hint: '; what is meant is spec.sessionAffinityConfig.clientIP.timeoutSeconds of the Service' },
    },
  ],
  [{ [`${prefix}constructor`]: 'x' }, { variant: 'unknownKey', params: { hint: '' } }],
  [
    { [`${prefix}type`]: 'loadbalancer' },
    {
      variant: 'invalidValue',
      severity: 'error',
      params: { valid: 'ClusterIP, NodePort, LoadBalancer', near: 'LoadBalancer', objectCount: 'default/shop' },
    },
  ],
  [
    { [`${prefix}lb-algorithm`]: 'fastest' },
    { variant: 'uselessValue', severity: 'warning', params: { value: 'fastest' } },
  ],
  [
    { [`${prefix}lb-algorithm`]: 'maglev' },
    { variant: 'switchOff', params: { helm: 'bpf.lbAlgorithmAnnotation=true' } },
  ],
  [{ [`${prefix}affinity`]: 'local' }, { variant: 'withoutGlobal' }],
  [{ [`${prefix}weight`]: '1' }, { variant: 'wrongObject', params: { right: 'EndpointSlices' } }],
])('what is said of %j', (annotations, expected) => {
  expect(findingsOf(serviceAnnotationsHonoured, aSnapshot({ facts: annotated(annotations) }))).toMatchObject([
    expected,
  ]);
});

test.each([
  ['nodeport', ' service.cilium.io/type=NodePort'],
  ['loadbalncer', ' service.cilium.io/type=LoadBalancer'],
  // The first of the valid values would close what is open now.
  ['everything', ' service.cilium.io/type-'],
])('the cure of type: %s is what was meant, or to remove it', (value, end) => {
  const { findings } = reportOn(aSnapshot({ facts: annotated({ [`${prefix}type`]: value }) }), [
    serviceAnnotationsHonoured,
  ]);
  expect(findings.flatMap(stepCommandsOf).map((command) => command.endsWith(end))).toEqual([true]);
});

test.each([
  ['ClusterIP', 'nodeport', '-'],
  ['NodePort', 'loadbalancer', '-'],
  ['NodePort', 'nodeport', '=NodePort'],
])('of a Service of type %s the cure of %s leaves it an address', (type, value, end) => {
  const service = aService('shop', { type }, { annotations: { [`${prefix}type`]: value } });
  const facts = { services: [...services, service] };
  const { findings } = reportOn(aSnapshot({ facts }), [serviceAnnotationsHonoured]);
  expect(findings.flatMap(stepCommandsOf).map((command) => command.endsWith(`type${end}`))).toEqual([true]);
});

test('the same mistake in several Services is one finding', () => {
  const shops = ['a', 'b', 'c'].map((name) => aService(name, {}, { annotations: { [`${prefix}colour`]: name } }));
  expect(
    findingsOf(serviceAnnotationsHonoured, aSnapshot({ facts: { services: [...services, ...shops] } })),
  ).toMatchObject([{ objects: [{ name: 'a' }, { name: 'b' }, { name: 'c' }], params: { objectCount: '3 Services' } }]);
});

const shop = (spec: Service['spec'] = {}, metadata: Partial<Service['metadata']> = {}) =>
  aService('shop', spec, metadata);
const having = (service: Service, ...own: EndpointSlice[]): ClusterChanges => ({
  services: [...services, service],
  endpointSlices: [...slices, ...own],
});
const endpoint = (conditions: object, nodeName?: string): EndpointSlice =>
  aSlice('shop', [], {
    endpoints: [{ addresses: ['10.0.0.1'], conditions, ...(nodeName !== undefined && { nodeName }) }],
  });
/** These nodes do not reach pods of their own, and others do. */
const ownPodsLost = (...nodes: readonly string[]) =>
  tried({
    nodes: ['n1', 'n2'],
    answer: (from, to, kind) => (from === to && kind !== 'node' && nodes.includes(to) ? 'timeout' : 'open'),
  });
const otherName = { 'service.kubernetes.io/service-proxy-name': 'other' };

const lostNode = {
  ...aNode('n2'),
  status: { conditions: [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' }] },
};

test.each<[string, ClusterChanges, string[]]>([
  ['healthy', {}, []],
  [
    'all on a node that is lost',
    { ...having(shop(), endpoint({ ready: false, terminating: true }, 'n2')), nodes: [aNode('n1'), lostNode] },
    ['KPR5011 n2'],
  ],
  [
    'on another than the one that is lost',
    { ...having(shop(), endpoint({ ready: false }, 'n1')), nodes: [aNode('n1'), lostNode] },
    ['KPR5011 default/shop'],
  ],
  ['no endpoint', having(shop()), ['KPR5011 default/shop']],
  ['none ready', having(shop(), endpoint({ ready: false, serving: false })), ['KPR5011 default/shop']],
  ['ready', having(shop(), endpoint({ ready: true })), []],
  ['conditions not set', having(shop(), endpoint({})), []],
  ['terminating, but serving', having(shop(), endpoint({ ready: false, serving: true, terminating: true })), []],
  ['manual, with empty slices', having(shop({ selector: {} }), aSlice('shop', [])), ['KPR5011 default/shop']],
  ['manual, without slices', having(shop({ selector: {} })), ['KPR5011 default/shop']],
  ['headless', having(shop({ clusterIP: 'None' })), []],
  ['ExternalName', having(shop({ type: 'ExternalName' })), []],
  ['another proxy’s', having(shop({}, { labels: otherName })), []],
  ['global', having(shop({}, { annotations: { [`${prefix}global`]: 'true' } })), []],
  [
    'cluster DNS, which has a check of its own',
    { endpointSlices: slices.filter(({ metadata }) => metadata.namespace !== 'kube-system'), services: [...kubeDns] },
    [],
  ],
  ['EndpointSlices not read', { endpointSlices: aMissing('forbidden') }, ['unknown forbidden']],
])('backends: %s', (_, changes, expected) => {
  expect(codesOf(backendsReady, aSnapshot({ facts: changes }))).toEqual(expected);
});

test.each([
  ['pods that are there and not ready are not called the application’s for sure', { terminating: false }, 'notReady'],
  ['pods that go are as good as none', { terminating: true }, 'noBackend'],
])('%s', (_, conditions, variant) => {
  const slice = endpoint({ ready: false, serving: false, ...conditions });
  expect(findingsOf(backendsReady, aSnapshot({ facts: having(shop(), slice) }))).toMatchObject([{ variant }]);
});

test.each<[string, readonly EndpointSlice[], readonly string[], string[]]>([
  ['on a node that does not reach its pods', [endpoint({ ready: false }, 'n2')], ['n2'], ['unreached n2']],
  ['on another node', [endpoint({ ready: false }, 'n1')], ['n2'], ['notReady ']],
  [
    'on both: one reaches them',
    [endpoint({ ready: false }, 'n1'), endpoint({ ready: false }, 'n2')],
    ['n2'],
    ['notReady '],
  ],
  ['nobody says where', [endpoint({ ready: false })], ['n2'], ['notReady ']],
  ['where each node reaches its own', [endpoint({ ready: false }, 'n2')], [], ['notReady ']],
])('pods that are not ready, %s', (_, slices, lost, expected) => {
  const snapshot = aSnapshot({ facts: having(shop(), ...slices), ...ownPodsLost(...lost) });
  expect(findingsOf(backendsReady, snapshot).map(({ variant, nodes }) => `${variant} ${nodes.join()}`)).toEqual(
    expected,
  );
});

const waitingPod = (reason: string, ip = '10.0.0.1', namespace = 'default'): Pod => ({
  metadata: { name: 'web', namespace },
  status: { phase: 'Running', podIPs: [{ ip }], conditions: [{ type: 'Ready', status: 'False', reason }] },
});
const gated = (...pods: readonly Pod[]): ClusterChanges => ({ ...having(shop(), endpoint({ ready: false })), pods });
test.each<[string, ClusterChanges, string]>([
  ['at a gate', gated(waitingPod('ReadinessGatesNotReady')), 'gated'],
  ['whose containers are not ready', gated(waitingPod('ContainersNotReady')), 'notReady'],
  ['of which another waits at a gate', gated(waitingPod('ReadinessGatesNotReady', '10.0.0.2')), 'notReady'],
  [
    'of which that of a tenant waits at a gate',
    gated(waitingPod('ReadinessGatesNotReady', '10.0.0.1', 'x')),
    'notReady',
  ],
  ['of which nothing is known', { ...gated(), pods: aMissing('forbidden') }, 'notReady'],
])('pods that wait, %s', (_, facts, variant) => {
  expect(findingsOf(backendsReady, aSnapshot({ facts }))).toMatchObject([{ variant }]);
});

test('many are one piece of information, with the first names', () => {
  const many = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => aService(name));
  const found = findingsOf(backendsReady, aSnapshot({ facts: { services: [...services, ...many] } }));
  expect(found).toMatchObject([
    { severity: 'info', params: { services: 'default/a, default/b, default/c, default/d, default/e and 2 more' } },
  ]);
  expect(found[0]?.objects).toHaveLength(7);
});

const heavy = { n1: { status: { version: '1.19.6' } }, n2: { status: { version: '1.19.6' } } };
const annotatedNode = aNode('n1', { metadata: { name: 'n1', annotations: { [`${prefix}node`]: 'a' } } });

const edgeNode = aNode('n2', { metadata: { name: 'n2', labels: { role: 'edge', [`${prefix}node`]: 'edge' } } });
test.each<[string, Readonly<Record<string, string>>, readonly Node[], string[]]>([
  ['a selector that no node meets', { 'node-selector': 'role=edge' }, [aNode('n1'), aNode('n2')], ['noNodeMatches']],
  ['a name that no node has', { node: 'edge' }, [aNode('n1'), aNode('n2')], ['noNodeMatches']],
  ['a selector that one node meets', { 'node-selector': 'role=edge' }, [aNode('n1'), edgeNode], []],
  ['a name that one node has', { node: 'edge' }, [aNode('n1'), edgeNode], []],
  ['the selector goes before the name', { 'node-selector': 'role=edge', node: 'x' }, [aNode('n1'), edgeNode], []],
  ['a selector that cannot be read keeps off none', { 'node-selector': 'a = b = c' }, [aNode('n1')], ['uselessValue']],
])('annotations that choose nodes: %s', (_, chosen, nodes, expected) => {
  const annotations = Object.fromEntries(Object.entries(chosen).map(([key, value]) => [prefix + key, value]));
  const found = findingsOf(serviceAnnotationsHonoured, aSnapshot({ facts: { ...annotated(annotations), nodes } }));
  expect(found.map(({ variant }) => variant)).toEqual(expected);
});

test.each<[string, string | undefined, string[]]>([
  ['LoadBalancer', undefined, ['noAddressLeft']],
  ['LoadBalancer', 'NodePort', ['noAddressLeft']],
  ['NodePort', undefined, ['noAddressLeft']],
  ['NodePort', 'NodePort', []],
  ['LoadBalancer', 'LoadBalancer', []],
  ['NodePort', 'LoadBalancer', []],
  ['ClusterIP', undefined, []],
])('an annotation lets %s alone through, of a Service of type %s', (only, type, expected) => {
  const spec = type === undefined ? {} : { type };
  const service = aService('shop', spec, { annotations: { [`${prefix}type`]: only } });
  const found = findingsOf(serviceAnnotationsHonoured, aSnapshot({ facts: { services: [...services, service] } }));
  expect(found.map(({ variant }) => variant)).toEqual(expected);
});

standardCases(serviceAnnotationsHonoured, {
  faulty: {
    KPR5005: {
      unknownKey: { facts: annotated({ [`${prefix}nodeselector`]: 'a=b' }) },
      invalidValue: { facts: annotated({ [`${prefix}type`]: 'loadbalancer' }) },
      uselessValue: { facts: annotated({ [`${prefix}type`]: 'everything' }) },
      switchOff: { facts: annotated({ [`${prefix}lb-algorithm`]: 'maglev' }) },
      notHonoured: { facts: { endpointSlices: weighted('10') }, nodes: heavy },
      withoutGlobal: { facts: annotated({ [`${prefix}affinity`]: 'local' }) },
      wrongObject: { facts: annotated({ [`${prefix}weight`]: '10' }) },
      asLabel: { facts: annotated({}, { [`${prefix}type`]: 'ClusterIP' }) },
      nodeAnnotation: { facts: { nodes: [annotatedNode, aNode('n2')] } },
      noAddressLeft: {
        facts: {
          services: [...services, aService('shop', {}, { annotations: { [`${prefix}type`]: 'NodePort' } })],
        },
      },
      noNodeMatches: { facts: annotated({ [`${prefix}node-selector`]: 'role=edge' }) },
    },
  },
  notApplicable: { never: 'without annotations there is nothing wrong with them' },
  hostile: (text) => ({ facts: annotated({ [`${prefix}type`]: text, [`${prefix}${text}`]: text }) }),
});

standardCases(backendsReady, {
  faulty: {
    KPR5011: {
      noBackend: { facts: having(shop()) },
      nobodyWrites: { facts: having(shop({ selector: {} })) },
      unlabelled: {
        facts: having(
          shop({ selector: {} }),
          aSlice('shop', ['10.244.1.5'], { metadata: { name: 'shop-1', namespace: 'default', labels: {} } }),
        ),
      },
      notReady: { facts: having(shop(), endpoint({ ready: false })) },
      gated: { facts: gated(waitingPod('ReadinessGatesNotReady')) },
      unreached: { facts: having(shop(), endpoint({ ready: false }, 'n2')), ...ownPodsLost('n2') },
      onLostNodes: { facts: { ...having(shop(), endpoint({ ready: false }, 'n2')), nodes: [aNode('n1'), lostNode] } },
    },
  },
  notApplicable: { never: 'every cluster has Services' },
  hostile: (text) => ({ facts: having(aService(text)) }),
});

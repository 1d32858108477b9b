import { describe, expect, test } from 'vitest';
import { agentsFaultless } from '../../../checks/agents/agentsFaultless.ts';
import type { ModuleHealth } from '../../../src/model/NodeFacts.ts';
import {
  aMissing,
  aSnapshot,
  codesOf,
  findingsOf,
  type NodeChanges,
  type SnapshotChanges,
} from '../../support/aSnapshot.ts';
import { aFrontendKey } from '../../support/keys.ts';
import { aService } from '../../support/healthy.ts';
import { aPod } from '../../support/lbObjects.ts';
import { noNode, standardCases } from '../../support/standardCases.ts';

const row = (frontend: string, status: string, error = '') => ({
  frontend: aFrontendKey(frontend),
  type: 'ClusterIP',
  service: 'shop/cart',
  status,
  forSeconds: 5,
  error,
});
const degraded = (module: string, error = 'boom', level: ModuleHealth['level'] = 'Degraded'): NodeChanges => ({
  moduleHealth: [{ module, component: 'job-x', level, message: 'failed', error }],
});
const failing = (name: string, consecutiveFailures = 5): NodeChanges => ({
  status: { failingControllers: [{ name, consecutiveFailures, lastFailure: 'no such map' }] },
});

const ownedByPod = (uid: string): string =>
  `frontend already owned by another service: 0.0.0.0:25/TCP is owned by mail/smtp-0:host-port:25:${uid}`;

test.each([
  ['is gone', 'old', ['staleHostPort']],
  ['lives', 'new', ['moduleConflict']],
])('the pod that owns a hostPort %s', (_, uid, expected) => {
  const pods = [aPod('smtp-0', [], { meta: { namespace: 'mail', uid: 'new' } })];
  const module = 'agent.controlplane.loadbalancer-reflectors.k8s-reflector';
  const found = findingsOf(
    agentsFaultless,
    aSnapshot({ facts: { pods }, nodes: { n2: degraded(module, ownedByPod(uid)) } }),
  );
  expect(found.map(({ variant }) => variant)).toEqual(expected);
});

test('who is attached where the agent cannot detach is named', () => {
  const n2: NodeChanges = {
    ...degraded('agent.datapath.orchestrator', "can't detach program: no such file or directory"),
    cgroupPrograms: [
      { name: 'cil_sock4_connect', attachType: 'cgroup_inet4_connect' },
      { name: 'guard_connect4', attachType: 'cgroup_inet4_connect' },
    ],
  };
  expect(findingsOf(agentsFaultless, aSnapshot({ nodes: { n2 } }))).toMatchObject([
    { variant: 'detachFails', severity: 'error', params: { programs: 'guard_connect4 (cgroup_inet4_connect)' } },
  ]);
});

test.each<[string, NodeChanges, string[]]>([
  ['healthy', {}, []],
  [
    'a frontend in error',
    { frontendStates: [row('10.96.1.1:80/TCP', 'Error', 'update 10.96.1.1:80/TCP: argument list too long')] },
    ['error frontend'],
  ],
  [
    'two for the same reason',
    {
      frontendStates: [
        row('10.96.1.1:80/TCP', 'Error', 'update 10.96.1.1:80/TCP failed'),
        row('10.96.1.1:81/TCP', 'Error', 'update 10.96.1.1:81/TCP failed'),
      ],
    },
    ['error frontend'],
  ],
  ['tried again with an error', { frontendStates: [row('10.96.1.1:80/TCP', 'Pending', 'full')] }, ['error frontend']],
  ['pending', { frontendStates: [row('10.96.1.1:80/TCP', 'Pending'), row('10.96.1.1:81/TCP', 'Refreshing')] }, []],
  [
    'a conflict',
    {
      frontendStates: [
        row('10.96.1.1:80/TCP', 'Error', 'frontend already owned by another service: 10.96.1.1:80/TCP is owned by a/b'),
      ],
    },
    ['error conflict'],
  ],
  ['a module of load balancing', degraded('agent.controlplane.loadbalancer-reconciler'), ['error module']],
  ['its part', degraded('agent.controlplane.loadbalancer-reflectors.k8s-reflector', 'x'), ['error module']],
  [
    'a conflict seen by its part',
    degraded(
      'agent.controlplane.loadbalancer-reflectors.k8s-reflector',
      'frontend already owned by another service: 1.2.3.4:80/TCP',
    ),
    ['error moduleConflict'],
  ],
  ['a module on which it depends', degraded('agent.datapath.orchestrator'), ['warning moduleAround']],
  ['a module of something else', degraded('agent.controlplane.hubble'), []],
  ['a module that has stopped by intention', degraded('agent.controlplane.loadbalancer-writer', '', 'Stopped'), []],
  ['a controller of the maps', failing('bpf-map-sync-cilium_lb4_services_v2'), ['error controller']],
  ['a controller that failed once', failing('k8s-heartbeat', 1), []],
  ['a controller of something else', failing('sync-to-k8s-ciliumendpoint (12)'), []],
  ['stale parts', { status: { stale: new Map([['kubernetes', '2026-11-21T09:00:00Z']]) } }, ['warning stale']],
])('%s', (_, n2, expected) => {
  const found = findingsOf(agentsFaultless, aSnapshot({ nodes: { n2 } }));
  expect(found.map(({ severity, variant }) => `${severity} ${variant}`)).toEqual(expected);
  expect(found.flatMap(({ nodes }) => nodes)).toEqual(expected.map(() => 'n2'));
});

test('frontends with one reason are one finding, with the Services that are hit', () => {
  const frontendStates = [80, 81, 82].map((port) =>
    row(`10.96.1.1:${port}/TCP`, 'Error', `update 10.96.1.1:${port}/TCP: full`),
  );
  expect(findingsOf(agentsFaultless, aSnapshot({ nodes: { n2: { frontendStates } } }))).toMatchObject([
    {
      params: { count: '3', frontends: 'frontends', reason: 'update …: full' },
      objects: [{ kind: 'Service', namespace: 'shop', name: 'cart' }],
    },
  ]);
});

const full = (address: string, id: number) =>
  [80, 81].map((port) =>
    row(`${address}:${port}/TCP`, 'Error', `update entry ${address}:${port}/TCP (1) => 0[0] (${id}) [0x2 0x0]: full`),
  );

test('a full map is one fault on all nodes, whatever its frontends are', () => {
  const nodes = {
    n1: { frontendStates: full('10.96.1.1', 9) },
    n2: { frontendStates: full('10.96.1.2', 17) },
  };
  const found = findingsOf(agentsFaultless, aSnapshot({ nodes }));
  expect(found).toMatchObject([
    { nodes: ['n1', 'n2'], params: { reason: 'update entry … (#) => #[#] (#) [# #]: full' } },
  ]);
});

describe('the Service behind a port or an address is named', () => {
  const services = [
    aService(
      'cart',
      {
        type: 'LoadBalancer',
        externalTrafficPolicy: 'Local',
        healthCheckNodePort: 31999,
        externalIPs: ['203.0.113.7'],
        clusterIPs: ['10.96.1.1'],
        ports: [{ port: 80, nodePort: 31080 }],
      },
      { namespace: 'shop' },
    ),
  ];
  test.each([
    [
      'listen tcp :31999: bind: address already in use',
      '31999 is the port for load balancers’ health checks of shop/cart',
    ],
    ['no route to 203.0.113.7:80/TCP', '203.0.113.7:80 is the external IP of shop/cart'],
    ['no route to 203.0.113.7:81/TCP', undefined],
    ['failed at 2026-11-21T08:31:99Z', undefined],
  ])('%s', (error, role) => {
    const changes = {
      facts: { services },
      nodes: { n2: degraded('agent.controlplane.loadbalancer-healthserver', error) },
    };
    const [found] = findingsOf(agentsFaultless, aSnapshot(changes));
    expect(found?.objects).toEqual(role === undefined ? [] : [{ kind: 'Service', namespace: 'shop', name: 'cart' }]);
    expect(found?.params['reason']).toContain(role === undefined ? error : `${error} (${role})`);
  });
});

test.each<[NodeChanges, string[]]>([
  [{}, []],
  [{ status: aMissing('timeout') }, ['unknown n2 timeout']],
  [{ frontendStates: aMissing('timeout') }, ['unknown n2 timeout']],
  [{ moduleHealth: aMissing('notCollected') }, ['unknown n2 notCollected']],
  // These versions do not have the tables.
  [{ status: { version: '1.16.19' }, frontendStates: aMissing('absent'), moduleHealth: aMissing('absent') }, []],
])('what is not read is unknown (%#)', (n2, expected) => {
  expect(codesOf(agentsFaultless, aSnapshot({ nodes: { n2 } }))).toEqual(expected);
});

const reflector = 'agent.controlplane.loadbalancer-reflectors.k8s-reflector';
const owned = 'frontend already owned by another service: 10.96.1.1:80/TCP is owned by a/b';
const onN2 = (n2: NodeChanges): SnapshotChanges => ({ nodes: { n2 } });

standardCases(agentsFaultless, {
  faulty: {
    KPR1011: {
      frontend: onN2({ frontendStates: [row('10.96.1.1:80/TCP', 'Error', 'argument list too long')] }),
      conflict: onN2({ frontendStates: [row('10.96.1.1:80/TCP', 'Error', owned)] }),
      module: onN2(degraded(reflector)),
      moduleConflict: onN2(degraded(reflector, owned)),
      staleHostPort: onN2(degraded(reflector, ownedByPod('gone'))),
      detachFails: onN2({
        ...degraded('agent.datapath.orchestrator', "detach cgroup: can't detach program: no such file or directory"),
        cgroupPrograms: [{ name: 'edr_connect4', attachType: 'cgroup_inet4_connect' }],
      }),
      moduleAround: onN2(degraded('agent.datapath.orchestrator')),
      controller: onN2(failing('bpf-map-sync-cilium_lb4_services_v2')),
      stale: onN2({ status: { stale: new Map([['kubernetes', '2026-11-21T09:00:00Z']]) } }),
    },
  },
  notApplicable: noNode,
  hostile: (text) =>
    onN2({ ...degraded(reflector, text), frontendStates: [row('10.96.1.1:80/TCP', 'Error', `x${text}`)] }),
});

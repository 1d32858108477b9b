import { describe, expect, test } from 'vitest';
import { agentsFaultless } from '../../../checks/agents/agentsFaultless.ts';
import { healthChecksAnswered } from '../../../checks/services/healthChecksAnswered.ts';
import type { ModuleHealth } from '../../../src/model/NodeFacts.ts';
import {
  aMissing,
  aSnapshot,
  type ClusterChanges,
  codesOf,
  findingsOf,
  type NodeChanges,
  type SnapshotChanges,
} from '../../support/aSnapshot.ts';
import { aFrontendKey } from '../../support/keys.ts';
import { aService } from '../../support/healthy.ts';
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
  moduleHealth: [{ module, component: 'job-x', level, message: 'failed', error, lastOk: undefined }],
});
const failing = (name: string, consecutiveFailures = 5): NodeChanges => ({
  status: { failingControllers: [{ name, consecutiveFailures, lastFailure: 'no such map', lastSuccess: undefined }] },
});

const alive = '0c3f6f7e-51a4-4d4b-8f0e-9b5a52b0e111';
const gone = '7b0d7d2e-33c9-4a51-a0a4-4a04a6b6b1f0';
const livePods: ClusterChanges = {
  pods: [{ metadata: { namespace: 'shop', name: 'mail-0', uid: alive }, spec: { containers: [] } }],
};
const reflector = 'agent.controlplane.loadbalancer-reflectors.k8s-reflector';
const ghostOf = (uid: string): NodeChanges =>
  degraded(
    reflector,
    `frontend already owned by another service: 0.0.0.0:2525/TCP is owned by shop/mail-0:host-port:2525:${uid}`,
  );
const detaching = (name: string): NodeChanges => ({
  ...degraded('agent.datapath.orchestrator', "detach cgroup: can't detach program: no such file or directory"),
  cgroupPrograms: [{ name, attachType: 'cgroup_inet4_connect' }],
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
  ['the module that programs everything else', degraded('agent.datapath.orchestrator'), ['error datapath']],
  ['a module on which it depends', degraded('agent.datapath.node-address'), ['warning moduleAround']],
  ['a hostPort of a pod that is gone', ghostOf(gone), ['error staleHostPort']],
  ['a hostPort of another pod that lives', ghostOf(alive), ['error moduleConflict']],
  [
    'the same seen by its row',
    { frontendStates: [row('0.0.0.0:2525/TCP', 'Error', `already owned: it is shop/mail-0:host-port:2525:${gone}`)] },
    ['error staleHostPort'],
  ],
  ['programs of others that cannot be detached', detaching('guard_connect4'), ['error detachFails']],
  ['its own programs that cannot be detached', detaching('cil_sock4_connect'), ['error datapath']],
  ['a module of something else', degraded('agent.controlplane.hubble'), []],
  ['a module that has stopped by intention', degraded('agent.controlplane.loadbalancer-writer', '', 'Stopped'), []],
  ['a controller of the maps', failing('bpf-map-sync-cilium_lb4_services_v2'), ['error controller']],
  ['a controller that failed once', failing('k8s-heartbeat', 1), []],
  ['a controller of something else', failing('sync-to-k8s-ciliumendpoint (12)'), []],
  ['stale parts', { status: { stale: new Map([['kubernetes', '2026-11-21T09:00:00Z']]) } }, ['warning stale']],
])('%s', (_, n2, expected) => {
  const found = findingsOf(agentsFaultless, aSnapshot({ facts: livePods, nodes: { n2 } }));
  expect(found.map(({ severity, variant }) => `${severity} ${variant}`)).toEqual(expected);
  expect(found.flatMap(({ nodes }) => nodes)).toEqual(expected.map(() => 'n2'));
});

test('an agent that knows of no frontend says nothing of the Services that there are', () => {
  const n2 = { frontendStates: [] };
  expect(codesOf(agentsFaultless, aSnapshot({ nodes: { n2 } }))).toEqual(['unknown n2 absent']);
  expect(codesOf(agentsFaultless, aSnapshot({ facts: { services: [] }, nodes: { n2 } }))).toEqual([]);
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

test('a pod that is gone is named, and where pods were not read nobody is gone', () => {
  const nodes = { n2: ghostOf(gone) };
  expect(findingsOf(agentsFaultless, aSnapshot({ facts: livePods, nodes }))).toMatchObject([
    { params: { pod: 'shop/mail-0', port: '2525' }, objects: [{ kind: 'Pod', namespace: 'shop', name: 'mail-0' }] },
  ]);
  const unread = findingsOf(agentsFaultless, aSnapshot({ facts: { pods: aMissing('forbidden') }, nodes }));
  expect(unread.map(({ variant }) => variant)).toEqual(['moduleConflict']);
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

const owned = 'frontend already owned by another service: 10.96.1.1:80/TCP is owned by a/b';
const onN2 = (n2: NodeChanges): SnapshotChanges => ({ nodes: { n2 } });

standardCases(agentsFaultless, {
  faulty: {
    KPR1011: {
      frontend: onN2({ frontendStates: [row('10.96.1.1:80/TCP', 'Error', 'argument list too long')] }),
      conflict: onN2({ frontendStates: [row('10.96.1.1:80/TCP', 'Error', owned)] }),
      module: onN2(degraded(reflector)),
      moduleConflict: onN2(degraded(reflector, owned)),
      staleHostPort: { facts: livePods, nodes: { n2: ghostOf(gone) } },
      datapath: onN2(degraded('agent.datapath.orchestrator')),
      detachFails: onN2(detaching('guard_connect4')),
      moduleAround: onN2(degraded('agent.datapath.node-address')),
      controller: onN2(failing('bpf-map-sync-cilium_lb4_services_v2')),
      stale: onN2({ status: { stale: new Map([['kubernetes', '2026-11-21T09:00:00Z']]) } }),
      healthPortTaken: { raisedBy: healthChecksAnswered },
      healthPortClosed: { raisedBy: healthChecksAnswered },
    },
  },
  notApplicable: noNode,
  hostile: (text) =>
    onN2({ ...degraded(reflector, text), frontendStates: [row('10.96.1.1:80/TCP', 'Error', `x${text}`)] }),
});

import type { Service } from '../../src/model/kubernetes.ts';
import type { ModuleHealth } from '../../src/model/NodeFacts.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { kubeProxyPod } from '../checks/kube-proxy/kubeProxyObjects.ts';
import type { NodeChanges } from '../support/aSnapshot.ts';
import { anAgentPod } from '../support/healthy.ts';
import { onNode } from '../support/lbObjects.ts';
import { shop, shopSlice } from '../support/shopCluster.ts';
import { control, type Incident, missed, seen } from './Incident.ts';
import { cluster, crashing, holding, offStatus, replacementOff, type Scene, without } from './scene.ts';

const shopping = (scene: Scene = {}, service: Service = shop()): Snapshot =>
  cluster({
    services: [service],
    slices: [shopSlice({ endpoints: ['10.244.1.5', '10.244.1.6'].map((ip) => onNode(ip, 'n2')) })],
    ...scene,
  });
const row = '10.96.10.1:80/TCP';
const gone = '10.244.1.66:8080/TCP';
const [first, second] = ['10.244.1.5:8080/TCP', '10.244.1.6:8080/TCP'] as const;

const size = (map: string, entries: number): NodeChanges => ({ mapSizes: [{ map, entries, maxEntries: 65_536 }] });
const pressure = (...maps: readonly (readonly [string, number])[]): NodeChanges => ({
  metrics: { mapPressure: new Map(maps), configDrift: 0 },
});

const inMesh = shop({}, { annotations: { 'service.cilium.io/global': 'true' } });
const remote = '10.99.0.8:8080/TCP';

const degraded = (message: string): { readonly moduleHealth: readonly ModuleHealth[] } => ({
  moduleHealth: [
    {
      module: 'agent.datapath.orchestrator',
      component: 'job-reinitialize',
      level: 'Degraded',
      message,
      error: message,
      lastOk: undefined,
    },
  ],
});
const edr = {
  cgroupPrograms: [
    { name: 'edr_connect4', attachType: 'cgroup_inet4_connect' },
    { name: 'edr_sendmsg4', attachType: 'cgroup_udp4_sendmsg' },
  ],
};
const beside: Scene = { settings: replacementOff, systemPods: [kubeProxyPod('n1'), kubeProxyPod('n2')] };

export const tableIncidents: readonly Incident[] = [
  seen(
    [
      'cilium/cilium#15864',
      'cilium/cilium#12815',
      'cilium/cilium#28726',
      'cilium/cilium#23551',
      'cilium/cilium#8587',
      'cilium/cilium#36217',
    ],
    'the map of Services is full, and the last ones are missing',
    'KPR1010 n2',
    {
      scenario: shopping({
        n2: size('cilium_lb4_services_v2', 65_536),
        rows: without(({ key }) => key === row, ['n2']),
      }),
      sibling: shopping({ n2: size('cilium_lb4_services_v2', 51_000) }),
    },
  ),
  seen('cilium/cilium#16121', 'the numbers of backends are used up, and the agent ends', 'KPR1001 n2', {
    scenario: cluster({ systemPods: [crashing('panic: no service ID available')], n2: { agent: { ready: false } } }),
    sibling: cluster({ systemPods: [anAgentPod('n2')], n2: size('cilium_lb4_backends_v3', 42_000) }),
  }),
  seen(
    ['cilium/cilium#24177', 'cilium/cilium#33074', 'cilium/cilium#8740', 'cilium/cilium#21346'],
    'the tables of connections and of translated ports are full under load',
    'KPR1010 n1,n2',
    {
      scenario: cluster({ all: pressure(['snat_v4_external', 0.99], ['ct4_global', 0.7]) }),
      sibling: cluster({ all: pressure(['snat_v4_external', 0.6], ['ct4_global', 0.7]) }),
    },
  ),
  missed(
    ['cilium/cilium#23604', 'cilium/cilium#36572', 'cilium/cilium#23539'],
    'iptables and eBPF both give out source ports, and answers go astray',
    'KPR7008',
    'preflight tells that it may happen, before a change alone; that it has, no node shows',
  ),
  seen(
    ['cilium/cilium#48050', 'cilium/cilium#45198'],
    'agents miss deletions when they reach the API server again, and writes go to an old replica',
    'KPR1012 n1,n2',
    {
      scenario: shopping({ version: '1.19.1', rows: holding(row, [first, gone], ['n1', 'n2']) }),
      sibling: shopping({ version: '1.19.1' }),
    },
  ),
  seen('cilium/cilium#33063', 'all backends of a Service go when one of its pods ends', 'KPR4002 n2', {
    scenario: shopping({ rows: holding(row, []) }),
    sibling: shopping({ rows: holding(row, [second, first]) }),
  }),
  seen('cilium/cilium#48271', 'a backend that is gone takes connections half a minute longer', 'KPR4003 n1', {
    scenario: shopping({ version: '1.19.7', rows: holding(row, [first, second, gone], ['n1']) }),
    sibling: shopping({ version: '1.19.7' }),
  }),
  seen(
    ['cilium/cilium#12859', 'cilium/cilium#27922'],
    'a node without its agent goes on with the table that it had',
    'KPR1001 n2',
    {
      scenario: shopping({
        systemPods: [crashing('failed to start: unable to initialize the datapath loader')],
        n2: { agent: { ready: false } },
        rows: holding(row, [gone]),
      }),
      sibling: shopping({ systemPods: [anAgentPod('n2')] }),
    },
  ),
  missed(
    ['cilium/cilium#23761', 'cilium/cilium#14844'],
    'connections end at once when a Service’s selector is changed',
    'KPR8002',
    'no change of Cilium is planned there, and a selector that was another before is not to be seen',
  ),
  control(
    'cilium/cilium#45441',
    'backends of another cluster stand beside those of this one',
    shopping({ rows: holding(row, [first, second, remote], ['n1', 'n2']) }, inMesh),
  ),
  seen(
    'cilium/cilium#45441',
    'one node of two keeps a backend of another cluster that is gone there',
    'KPR4007 n1,n2',
    {
      scenario: shopping({ rows: holding(row, [first, second, remote], ['n1']) }, inMesh),
      sibling: shopping({ rows: holding(row, [second, first], ['n1']) }, inMesh),
    },
  ),
  seen(
    'cilium/cilium#43877',
    'a program of others in the root cgroup keeps the agent from finishing its datapath',
    'KPR1012 n2',
    {
      scenario: cluster({
        ...beside,
        all: offStatus,
        n2: {
          ...edr,
          ...degraded(
            "cgroup detach: detach programs from cgroup /run/cilium/cgroupv2: can't detach program: operation not permitted",
          ),
        },
      }),
      sibling: cluster({ ...beside, all: offStatus, n2: edr }),
    },
  ),
  seen(
    ['cilium/cilium#39037', 'deckhouse/deckhouse#14838'],
    'algorithms may be chosen by annotation, and no Service works any more',
    'KPR1012 n1,n2',
    {
      scenario: cluster({ version: '1.17.2', settings: { 'bpf-lb-algorithm-annotation': 'true' }, rows: () => [] }),
      sibling: cluster({ version: '1.17.16', settings: { 'bpf-lb-algorithm-annotation': 'true' } }),
    },
  ),
  seen(
    ['cilium/cilium#12513', 'cilium/cilium#15142'],
    'one node lacks the backends of a Service without selector',
    'KPR4002 n2',
    {
      scenario: manual((rows, node) =>
        node === 'n2' ? rows.map((one) => (one.key === row ? Object.assign({}, one, { backends: [] }) : one)) : rows,
      ),
      sibling: manual(),
    },
  ),
];

function manual(rows?: Scene['rows']): Snapshot {
  return cluster({
    services: [shop({ selector: {} })],
    slices: [shopSlice({ endpoints: ['198.51.100.31', '198.51.100.32'].map((ip) => ({ addresses: [ip] })) })],
    ...(rows === undefined ? {} : { rows }),
  });
}

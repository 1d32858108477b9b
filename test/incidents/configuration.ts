import type { Snapshot } from '../../src/model/Snapshot.ts';
import { dump, nat } from '../checks/kube-proxy/iptablesDumps.ts';
import { kubeProxyPod } from '../checks/kube-proxy/kubeProxyObjects.ts';
import { aNode, anAgentPod } from '../support/healthy.ts';
import { aPod } from '../support/lbObjects.ts';
import { shop, shopSlice } from '../support/shopCluster.ts';
import { type Incident, missed, seen, unseen } from './Incident.ts';
import { cluster, crashing, offStatus, replacementOff, type Scene, settings } from './scene.ts';

const asked = (value: string, scene: Scene = {}): Snapshot =>
  cluster({ ...scene, facts: { ...scene.facts, ciliumConfig: settings({ 'kube-proxy-replacement': value }) } });

const hostPort = (name: string, port: number) => aPod(name, [{ containerPort: 8080, hostPort: port, protocol: 'TCP' }]);
const portmap = { iptables: [dump(nat(':CNI-HOSTPORT-DNAT - [0:0]', '-A PREROUTING -j CNI-HOSTPORT-DNAT'))] };
/** kube-proxy serves, and Cilium does not. */
const beside: Scene = {
  settings: replacementOff,
  all: offStatus,
  systemPods: [kubeProxyPod('n1'), kubeProxyPod('n2')],
};
const nodePort = { type: 'NodePort', ports: [{ name: 'http', port: 80, nodePort: 30_080 }] };

const mixed = (version: string): Snapshot =>
  cluster({
    n2: { status: { version } },
    nodes: [aNode('n3')],
  });

const dsrByGeneve = { 'bpf-lb-mode': 'dsr', 'bpf-lb-dsr-dispatch': 'geneve' };
const maglev = { status: { kpr: { nodePort: { algorithm: 'Maglev', maglevTableSize: 16_381 } } } } as const;
const hashing = (seed: string) => ({ 'bpf-lb-algorithm': 'maglev', 'bpf-lb-maglev-hash-seed': seed });

export const configurationIncidents: readonly Incident[] = [
  unseen(
    'kubermatic/kubermatic#11994',
    'a platform takes the wish for eBPF and goes on with IPVS, without an error',
    'wish',
    'what the platform’s own API was asked for',
  ),
  seen(
    ['kubean-io/kubean#604', 'cilium/cilium#25907', 'cilium/cilium#22083'],
    'a value of the replacement that was removed makes agents end at their next start',
    'KPR1003',
    { scenario: asked('probe'), sibling: asked('true', { all: { agent: { restarts: 1 } } }) },
  ),
  unseen(
    ['cilium/cilium#27344', 'kubean-io/kubean#1569'],
    'Helm refuses an upgrade, since the replacement has a value of an old release',
    'noCluster',
    'the file of values, of which preflight says it (KPR7001)',
  ),
  seen(
    'poseidon/terraform-render-bootstrap#362',
    'the value partial no longer switches hostPorts on, and an ingress is not reached',
    'KPR5002 n1',
    {
      scenario: cluster({ ...beside, pods: [hostPort('ingress', 443)], version: '1.16.5' }),
      sibling: cluster({
        ...beside,
        pods: [hostPort('ingress', 443)],
        version: '1.16.5',
        n1: { ...offStatus, ...portmap },
      }),
    },
  ),
  seen(
    'cilium/cilium#27900',
    'a Helm value of an old layout is ignored: the replacement stays off, and nobody serves Services',
    'KPR1004 n1,n2',
    {
      scenario: cluster({ settings: replacementOff, all: offStatus }),
      sibling: cluster({ settings: { 'kube-proxy-replacement': 'true', 'enable-health-checking': 'true' } }),
    },
  ),
  seen(
    ['cilium/cilium#38083', 'cilium/cilium#38081'],
    'hostPort.enabled has no effect while the replacement is off',
    'KPR5002 n1',
    {
      scenario: cluster({ ...beside, pods: [hostPort('registry', 5000)], version: '1.17.16' }),
      sibling: cluster({ pods: [hostPort('registry', 5000)], version: '1.17.16' }),
    },
  ),
  seen(
    ['cilium/cilium#39581', 'cilium/cilium#39582'],
    '1.19 takes NodePorts away from those who had switched on nothing but them',
    'KPR5002 default/shop',
    {
      scenario: cluster({
        settings: { ...replacementOff, 'enable-node-port': 'true' },
        all: offStatus,
        systemPods: [kubeProxyPod('n1'), kubeProxyPod('n2')],
        services: [shop(nodePort)],
        slices: [shopSlice()],
      }),
      sibling: cluster({ ...beside, services: [shop(nodePort)], slices: [shopSlice()] }),
    },
  ),
  missed(
    ['cilium/cilium#33841', 'cilium/cilium#18115', 'cilium/cilium#18259'],
    'an upgrade with the values of the release before lacks new defaults',
    'KPR7005',
    'which flags an upgrade was made with stands nowhere',
  ),
  seen(
    ['cilium/cilium#24772', 'cilium/cilium#20910', 'devantler-tech/platform#1969'],
    'the configuration is changed, and agents run on with the one of before',
    'KPR1005 n1,n2',
    {
      scenario: cluster({ facts: { ciliumConfig: settings({ 'bpf-lb-algorithm': 'maglev' }) } }),
      sibling: cluster({
        settings: { 'bpf-lb-algorithm': 'maglev' },
        all: { status: { kpr: { nodePort: { algorithm: 'Maglev', maglevTableSize: 16_381 } } } },
      }),
    },
  ),
  seen(
    'cilium/cilium#30845',
    'DSR is to go by Geneve without a tunnel, and the tunnel’s protocol is left at VXLAN: agents end at their next start',
    'KPR1005 n1,n2',
    {
      scenario: cluster({ facts: { ciliumConfig: settings({ ...dsrByGeneve, 'routing-mode': 'native' }) } }),
      sibling: cluster({
        settings: { ...dsrByGeneve, 'tunnel-protocol': 'geneve' },
        all: {
          status: { kpr: { nodePort: { mode: 'DSR', dsrDispatch: 'Geneve' } }, routing: { tunnelProtocol: 'geneve' } },
        },
      }),
    },
  ),
  seen(
    ['cilium/cilium#35080', 'cilium/cilium#18776'],
    'an agent ends since it does not get all that it lists in time, and comes up at the second try',
    'KPR1001 n2',
    {
      scenario: cluster({
        systemPods: [
          crashing('timed out waiting for pre-existing resources related to policy to be received; exiting'),
        ],
        n2: { agent: { ready: false } },
      }),
      sibling: cluster({ n2: { agent: { restarts: 1, lastEnd: '2026-11-21T08:00:00Z' } } }),
    },
  ),
  seen(
    ['cilium/cilium#28909', 'cilium/cilium#12188'],
    'both families are configured, and a node has no IPv6 address: its agent ends',
    'KPR1001 n2',
    {
      scenario: cluster({
        systemPods: [crashing('Failed to determine IPv6 of eth0 for NodePort')],
        n2: { agent: { ready: false } },
      }),
      sibling: cluster({ systemPods: [anAgentPod('n2')], n2: { agent: { restarts: 3 } } }),
    },
  ),
  seen(
    ['cilium/cilium#16746', 'cilium/cilium#13138'],
    'a node hashes with a seed of its own, so that clients get other backends there',
    'KPR1006 n2',
    {
      scenario: cluster({
        all: maglev,
        settings: hashing('AAAAAAAAAAAAAAAAAAAAAA=='),
        n2: { startedConfig: settings(hashing('BBBBBBBBBBBBBBBBBBBBBB==')) },
      }),
      sibling: cluster({ all: maglev, settings: hashing('AAAAAAAAAAAAAAAAAAAAAA==') }),
    },
  ),
  unseen(
    'cilium/cilium#36813',
    'an agent whose start was disturbed never lists everything, and makes no new endpoints',
    'otherPart',
    'controllers that make endpoints of pods',
  ),
  seen(
    ['cilium/cilium#41580', 'kubernetes-sigs/kubespray#12623'],
    'names of Helm values stand in cilium-config, where no agent looks for them',
    'KPR1003',
    {
      scenario: cluster({
        facts: {
          ciliumConfig: new Map([
            ['kubeProxyReplacement', 'true'],
            ['nodeIPAM.enabled', 'true'],
          ]),
        },
        all: { startedConfig: new Map(), ...offStatus },
        systemPods: [kubeProxyPod('n1'), kubeProxyPod('n2')],
      }),
      sibling: cluster({ settings: { 'nodeIPAM.enabled': 'true' } }),
    },
  ),
  seen(
    ['cilium/cilium#19548', 'cilium/cilium#19863'],
    'the replacement is asked for, and an agent has switched it off by itself',
    'KPR1003 n2',
    {
      scenario: cluster({ n2: offStatus }),
      sibling: cluster({ n2: { agent: { startedAt: '2026-11-21T09:40:00Z' } } }),
    },
  ),
  unseen(
    'rancher/rke2#5107',
    'a wrong name in RKE2’s list of what is left out keeps the server from starting',
    'noCluster',
    'the log of rke2-server',
  ),
  seen(
    ['isovalent/terraform-aws-talos#151', 'cilium/cilium#27222'],
    'Gateway API, Ingress or announcements are switched on without the replacement',
    'KPR7007 n1,n2',
    {
      scenario: cluster({
        settings: { ...replacementOff, 'enable-gateway-api': 'true' },
        all: offStatus,
        systemPods: [kubeProxyPod('n1'), kubeProxyPod('n2')],
      }),
      sibling: cluster({ settings: { 'enable-gateway-api': 'true' } }),
    },
  ),
  seen(
    'cilium/cilium#25473',
    'a downgrade gets stuck half way, and its agents read rules of newer ones',
    'KPR1006 n2',
    {
      scenario: mixed('1.18.4'),
      sibling: cluster({ version: '1.18.11', nodes: [aNode('n3')], facts: { daemonSets: [] } }),
    },
  ),
  seen(
    ['cilium/cilium#5744', 'cilium/cilium#8158', 'cilium/cilium#12308', 'poseidon/typhoon#1627', 'KBVE/kbve#8616'],
    'an upgrade has not reached all agents',
    'KPR1006 n1',
    {
      scenario: cluster({ n1: { status: { version: '1.19.5' } }, nodes: [aNode('n3')] }),
      sibling: cluster({ nodes: [aNode('n3')] }),
    },
  ),
  unseen(
    'keiretsu-labs/kubernetes-manifests#3012',
    'Envoy is older than the agents, so that new pods get no network',
    'otherPart',
    'how the agent gets on with endpoints’ policies',
  ),
  seen(
    ['cilium/cilium#30609', 'siderolabs/talos#7584'],
    'a node loses its network when its agent is replaced, and the roll-out waits for it',
    'KPR1001 n2',
    {
      scenario: cluster({
        nodes: [
          aNode('n2', {
            status: {
              ...aNode('n2').status,
              conditions: [
                {
                  type: 'Ready',
                  status: 'Unknown',
                  reason: 'NodeStatusUnknown',
                  message: 'Kubelet stopped posting node status.',
                },
              ],
            },
          }),
        ],
        systemPods: [
          anAgentPod('n2', {
            metadata: { deletionTimestamp: '2026-11-21T09:20:00Z' },
            conditions: [{ type: 'Ready', status: 'False' }],
          }),
        ],
        n2: { agent: { ready: false } },
      }),
      sibling: cluster({ systemPods: [anAgentPod('n2')], nodes: [aNode('n2')] }),
    },
  ),
];

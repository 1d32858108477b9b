import type { Bed } from './Bed.ts';
import { restartAgents, setApiServer, setConfig } from './objects.ts';

/** Something for which a change must not be made, made on a real cluster; gives what takes it back. */
export interface NoGo {
  readonly name: string;
  readonly title: string;
  /** Of `preflight`; BEFORE is a capture from before the change. */
  readonly flags: readonly string[];
  /** What decides. */
  readonly code: string;
  /** The cluster that it needs: kube-proxy alone serves, Cilium serves beside it, or kube-proxy has gone. */
  readonly on: 'kubeProxy' | 'beside' | 'gone';
  make(bed: Bed): Promise<() => Promise<unknown>>;
}

const nothing = async (): Promise<() => Promise<void>> => async () => {};

/** Sets keys of cilium-config; what is given takes that back. */
async function configure(bed: Bed, data: Readonly<Record<string, string>>): Promise<() => Promise<string>> {
  const text = await bed.kubectl('-n', 'kube-system', 'get', 'configmap', 'cilium-config', '-o', 'json');
  const { data: before = {} } = JSON.parse(text) as { data?: Readonly<Record<string, string>> };
  await setConfig(bed, data);
  return () => setConfig(bed, Object.fromEntries(Object.keys(data).map((key) => [key, before[key] ?? null])));
}

const enable = ['--change', 'enable', '--against', 'BEFORE'];
const remove = ['--change', 'remove-kube-proxy', '--against', 'BEFORE'];

/** In the order in which one cluster can have them all. */
export const noGos: readonly NoGo[] = [
  {
    name: 'no-capture',
    title: 'nothing tells how Services were served before',
    on: 'kubeProxy',
    flags: ['--change', 'enable'],
    code: 'KPR8006',
    make: nothing,
  },
  {
    name: 'dsr-over-vxlan',
    title: 'a mode that no agent takes once it replaces kube-proxy',
    on: 'kubeProxy',
    flags: enable,
    code: 'KPR7006',
    make: (bed) => configure(bed, { 'bpf-lb-mode': 'dsr' }),
  },
  {
    name: 'map-too-small',
    title: 'maps that do not take the Services that there are',
    on: 'kubeProxy',
    flags: enable,
    code: 'KPR8004',
    make: (bed) => configure(bed, { 'bpf-lb-map-max': '16' }),
  },
  {
    name: 'not-restarted',
    title: 'the replacement was turned on, and no agent has started since',
    on: 'kubeProxy',
    flags: remove,
    code: 'KPR8001',
    make: (bed) => configure(bed, { 'kube-proxy-replacement': 'true' }),
  },
  {
    name: 'node-port-range',
    title: 'agents take another range of NodePorts than the API server gives out',
    on: 'beside',
    flags: remove,
    code: 'KPR5001',
    async make(bed) {
      const undo = await configure(bed, { 'node-port-range': '30000,31000' });
      await restartAgents(bed);
      return async () => {
        await undo();
        await restartAgents(bed);
      };
    },
  },
  {
    name: 'wrong-host',
    title: 'agents are told an address of the API server at which nobody listens',
    on: 'beside',
    flags: remove,
    code: 'KPR2002',
    async make(bed) {
      const undo = await setApiServer(bed, '172.30.255.99', 6443);
      await new Promise((resolve) => setTimeout(resolve, 20_000));
      return undo;
    },
  },
  {
    name: 'leftovers',
    title: 'kube-proxy has gone, and its rules are there',
    on: 'gone',
    flags: ['--change', 'upgrade', '--to-version', '1.20'],
    code: 'KPR3003',
    make: nothing,
  },
];

/** Values of former versions: what each version’s real chart does with them, and what is said of it. */
export const formerValues = [
  { text: 'tunnel: vxlan\n', to: ['1.19', '1.20'], refused: true, code: 'KPR7001' },
  { text: 'containerRuntime:\n  integration: crio\n', to: ['1.19', '1.20'], refused: true, code: 'KPR7001' },
  {
    text: 'ipam:\n  operator:\n    clusterPoolIPv4PodCIDR: 10.9.0.0/16\n',
    to: ['1.19', '1.20'],
    refused: false,
    code: 'KPR7001',
  },
  { text: 'hostServices:\n  enabled: true\n', to: ['1.19', '1.20'], refused: false, code: 'KPR7001' },
  { text: 'bpf:\n  masquarade: true\n', to: ['1.19', '1.20'], refused: false, code: 'KPR7002' },
] as const;

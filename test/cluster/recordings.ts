import agentFrozen from './faults/agentFrozen.ts';
import frontendDeleted from './faults/frontendDeleted.ts';
import slotDeleted from './faults/slotDeleted.ts';
import staleBackends from './faults/staleBackends.ts';
import type { Bed, BedOptions } from './lib/Bed.ts';
import { createServices } from './lib/createServices.ts';
import { annotate, freezeAgent, setMapMax } from './lib/objects.ts';
import { startKubeProxy } from './lib/startKubeProxy.ts';

/** One state of a real cluster, kept for the tests that need none. */
export interface Recording {
  /** Of its files. */
  readonly name: string;
  readonly title: string;
  /** Codes of the warnings and errors that are to be found in it: with others it is not kept. */
  readonly codes: readonly string[];
  /** Gives the way back, for the recordings that follow on the same cluster. */
  readonly make?: (bed: Bed) => Promise<() => Promise<unknown>>;
  /** Seconds to wait after it was made, for what needs time to show. */
  readonly showsAfter?: number;
  /** In examples/captures instead of the fixtures. */
  readonly isExample?: boolean;
}
export interface RecordedCluster {
  readonly options: BedOptions;
  /** Taken one after the other. */
  readonly recordings: readonly Recording[];
}

/**
 * Pods take half a minute to end, and in a single reading a change is on its way for as long again. A hung agent is
 * restarted by its kubelet after five minutes.
 */
const untilStale = 75;

/** A frontend that an agent fails to write counts once it has tried for longer than a change takes. */
const untilDoubted = 45;

const noWayBack = async (): Promise<void> => {};

export const recordedClusters: readonly RecordedCluster[] = [
  {
    options: { nodes: 2, cilium: '1.18.11' },
    recordings: [{ name: 'healthy-1.18', title: 'Cilium 1.18, nothing wrong', codes: [] }],
  },
  {
    options: { nodes: 2, cilium: '1.20.2' },
    recordings: [
      { name: 'healthy-1.20', title: 'Cilium 1.20, nothing wrong', codes: [] },
      {
        name: 'kube-proxy-nftables',
        title: 'kube-proxy (nftables) still running beside the replacement',
        codes: ['KPR3001'],
        make: async (bed) => {
          await bed.kubeProxy('nftables');
          return noWayBack;
        },
      },
    ],
  },
  {
    options: { nodes: 2, cilium: '1.19.6' },
    recordings: [
      { name: 'healthy-1.19', title: 'Cilium 1.19, nothing wrong', codes: [] },
      {
        name: 'tables-damaged',
        title: 'n2: a slot of cluster DNS and all slots of a ClusterIP deleted from the map',
        codes: ['KPR4001', 'KPR4005'],
        make: async (bed) => {
          const repairs = [await slotDeleted.inject(bed), await frontendDeleted.inject(bed)];
          return async () => {
            for (const repair of repairs) await repair();
          };
        },
      },
      { name: 'agent-frozen', title: agentFrozen.title, codes: ['KPR1002'], make: (bed) => agentFrozen.inject(bed) },
      {
        name: 'stale-backends',
        title: staleBackends.title,
        codes: ['KPR1002', 'KPR4003'],
        make: (bed) => staleBackends.inject(bed),
        showsAfter: untilStale,
      },
      {
        name: 'kube-proxy-iptables',
        title: 'kube-proxy (iptables) still running beside the replacement',
        codes: ['KPR3001'],
        make: async (bed) => {
          await startKubeProxy(bed);
          return noWayBack;
        },
      },
      {
        name: 'kube-proxy-rules-left',
        title: 'kube-proxy’s DaemonSet deleted: its rules and its ConfigMap stay',
        codes: ['KPR3002', 'KPR3003'],
        make: async (bed) => {
          await bed.kubeProxy('none');
          await bed.kubectl('-n', 'kube-system', 'wait', '--for=delete', 'pod', '-l', 'k8s-app=kube-proxy');
          return noWayBack;
        },
      },
      {
        name: 'broken-cluster',
        title: 'the agent of n2 hangs and its table is behind; kube-proxy’s rules are left; an annotation is misspelt',
        codes: ['KPR1002', 'KPR3002', 'KPR3003', 'KPR4003', 'KPR5005'],
        // On what the recording before it left.
        make: async (bed) => {
          await annotate(bed, 'httpd-np', 'service.cilium.io/lb-mode', 'dsr');
          await freezeAgent(bed, 'n2');
          await bed.kubectl('scale', 'deployment', 'httpd', '--replicas=1');
          return noWayBack;
        },
        showsAfter: untilStale,
        isExample: true,
      },
    ],
  },
  {
    options: { nodes: 2, cilium: '1.19.6' },
    recordings: [
      {
        name: 'map-full',
        title: 'the load-balancing map has room for 64 rows, and the Services need three times as many',
        codes: ['KPR1010', 'KPR1011', 'KPR2005', 'KPR4001', 'KPR4005', 'KPR6002'],
        make: async (bed) => {
          await createServices(bed, 40, 3);
          await setMapMax(bed, 64);
          return noWayBack;
        },
        showsAfter: untilDoubted,
      },
    ],
  },
];

export const recordings: readonly Recording[] = recordedClusters.flatMap(({ recordings }) => recordings);

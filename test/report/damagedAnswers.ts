import type { AnswerName, DocumentName } from '../../src/model/raw.ts';

/** What may happen to an answer on its way; `anothers` is that of the same command on another node. */
export const damages = ['absent', 'empty', 'garbage', 'cut', 'anothers'] as const;
export type Damage = (typeof damages)[number];

/** What `verify` ends with: a code, or 0 with the reason why nothing is lost; 3 in one that it is not true of. */
export type Outcome = 1 | 2 | 3 | { readonly green: string; readonly not?: string };

/** What is not said ends with 3, as every loss does. */
export type Row = { readonly [D in Damage]?: Outcome };

/** No text of it states a node's name or address, or none that only one node has. */
const namesNobody = { anothers: { green: 'names nobody' } } as const;
/** Nothing was printed in the recording already. */
const printsNothing = { empty: { green: 'as recorded' }, cut: { green: 'as recorded' } } as const;

const ofKubeProxy = { green: 'kube-proxy’s alone' } as const;
/** Which programs that asked for all routes asked for, too. */
const amongRoutes = { green: 'all routes are there as well' } as const;
const ofAllRoutes = {
  absent: amongRoutes,
  empty: amongRoutes,
  garbage: amongRoutes,
  cut: amongRoutes,
  anothers: amongRoutes,
};
const ofIPv6 = { green: 'IPv6 is off' } as const;

/**
 * Each answer of a node, in recordings of healthy clusters. A row must be here for each that was recorded, and for no
 * other: what is new must say what its loss does.
 */
export const lostAnswers: { readonly [Name in AnswerName]?: Row } = {
  status: {},
  frontends: namesNobody,
  health: namesNobody,
  nodeAddresses: {},
  metrics: { absent: { green: 'maps and files tell as well' }, ...namesNobody },
  lbDump: {},
  startedConfig: { absent: { green: 'the agent counts what differs' }, ...namesNobody },
  cgroupPrograms: namesNobody,
  devicePrograms: namesNobody,
  iptablesNft: {},
  ip6tablesNft: namesNobody,
  iptablesLegacy: { ...printsNothing, ...namesNobody },
  ip6tablesLegacy: { ...printsNothing, ...namesNobody },
  addresses: {},
  ipsets: { ...printsNothing, ...namesNobody },
  ipsetSave: {
    absent: ofKubeProxy,
    garbage: ofKubeProxy,
    ...printsNothing,
    ...namesNobody,
  },
  ipvs: { ...printsNothing, ...namesNobody },
  listeners: { absent: { green: 'who uses rules that are left' } },
  kernel: { absent: { green: 'for people' }, ...namesNobody },
  defaultRoutes4: ofAllRoutes,
  defaultRoutes6: ofAllRoutes,
  routes4: {},
  routes6: { absent: ofIPv6, empty: ofIPv6, anothers: ofIPv6 },
  routeRules: { absent: { green: 'asked where a route is missing' }, ...namesNobody },
  sysctls: namesNobody,
  kernelOptions: {
    absent: { green: 'an agent of 1.19 asks nothing of its kernel', not: 'healthy-1.18' },
    ...namesNobody,
  },
  nftTables: namesNobody,
  nftFilters: { ...printsNothing, ...namesNobody },
  conntrack: { absent: { green: 'many kernels hide it' }, ...printsNothing, ...namesNobody },
  proxyHealth: { absent: { green: 'pods tell as well' }, ...namesNobody },
  apiProbe: namesNobody,
  dnsProbe: namesNobody,
  serversProbe: namesNobody,
  reachProbe: {},
};

/** Each document of the API. `empty` is no text; `listsNothing`, where it is a list, one without objects. */
export const lostDocuments: {
  readonly [Name in DocumentName]?: Omit<Row, 'anothers'> & { readonly listsNothing?: Outcome };
} = {
  version: {},
  nodes: {},
  services: {},
  endpointSlices: {},
  // Without one there is no Cilium to verify.
  daemonSets: { listsNothing: 2 },
  deployments: { absent: { green: 'a name in remedies' }, listsNothing: { green: 'a name in remedies' } },
  // KPR1001: no agent on any node.
  systemPods: { listsNothing: 1 },
  pods: {},
  localRedirectPolicies: { absent: { green: 'they are off' }, listsNothing: { green: 'as recorded' } },
  ciliumConfig: {},
  ciliumNodes: {
    absent: { green: 'pods tell of a way as well' },
    listsNothing: { green: 'pods tell of a way as well' },
  },
  ciliumNodeConfigs: { absent: { green: 'agents started with them' }, listsNothing: { green: 'as recorded' } },
  kubeadmConfig: {},
  clusterInfo: { absent: { green: 'one source of several' } },
};

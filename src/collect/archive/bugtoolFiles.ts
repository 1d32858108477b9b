import type { AnswerName } from '../../model/raw.ts';
import {
  asFrontendsStream,
  asHealthTable,
  asListeners,
  asMapJson,
  asMetrics,
  asNodeAddressesTable,
  asStatusJson,
  asSysctlFiles,
} from './adaptBugtool.ts';

/** A file of cilium-bugtool that can serve as an answer. */
export interface BugtoolFile {
  /** The command whose output it is; `$CILIUM` is `cilium-dbg`, before 1.15 `cilium`. */
  readonly command: string;
  /** To what the command of knowledge/nodeCommands.ts prints; undefined: the text does not have it. Never throws. */
  readonly adapt?: (text: string) => string | undefined;
}

/** `cilium-dbg debuginfo` writes two files of its own name; the JSON one holds the status as the API gives it. */
export const debuginfo = 'cilium debuginfo';

/** Renamed in 1.19. */
const fromStatedb = (adapt: (text: string) => string | undefined): BugtoolFile[] => [
  { command: '$CILIUM statedb dump', adapt },
  { command: '$CILIUM statedb', adapt },
];

/**
 * Which files serve as which answer, the best first. Commands by era: bugtool/cmd/configuration.go of Cilium 1.9 to
 * 1.20. What is not listed, no bugtool collects: the node's listeners on its health port, IPVS, the configuration that
 * the agent started with, probes.
 */
export const bugtoolFiles: Partial<Record<AnswerName, readonly BugtoolFile[]>> = {
  status: [
    { command: '$CILIUM status -o json' },
    { command: debuginfo, adapt: asStatusJson },
    // Text, where the agent gave no debug information: it begins with the name of a component instead of a brace.
    { command: '$CILIUM status --verbose' },
  ],
  frontends: [{ command: '$CILIUM shell -- db/show frontends' }, ...fromStatedb(asFrontendsStream)],
  health: [{ command: '$CILIUM shell -- db/show health' }, ...fromStatedb(asHealthTable)],
  nodeAddresses: [{ command: '$CILIUM shell -- db/show node-addresses' }, ...fromStatedb(asNodeAddressesTable)],
  metrics: [{ command: '$CILIUM metrics list', adapt: asMetrics }],
  // Its text names neither Services nor policies.
  serviceList: [{ command: '$CILIUM service list -o json' }],
  lbList: [{ command: '$CILIUM bpf lb list -o json' }, { command: '$CILIUM bpf lb list', adapt: asMapJson }],
  lbFrontends: [
    { command: '$CILIUM bpf lb list --frontends -o json' },
    { command: '$CILIUM bpf lb list --frontends', adapt: asMapJson },
  ],
  lbBackends: [
    { command: '$CILIUM bpf lb list --backends -o json' },
    { command: '$CILIUM bpf lb list --backends', adapt: asMapJson },
  ],
  lbRevnat: [
    { command: '$CILIUM bpf lb list --revnat -o json' },
    { command: '$CILIUM bpf lb list --revnat', adapt: asMapJson },
  ],
  lbSourceRanges: [
    { command: '$CILIUM bpf lb list --source-ranges -o json' },
    { command: '$CILIUM bpf lb list --source-ranges', adapt: asMapJson },
  ],
  lbMaps: [{ command: 'bpftool map show' }],
  // The agent's own mount only: seen from elsewhere its programs would be missing.
  cgroupPrograms: [
    { command: 'bpftool cgroup tree /run/cilium/cgroupv2' },
    { command: 'bpftool cgroup tree /var/run/cilium/cgroupv2' },
  ],
  iptablesNft: [{ command: 'iptables-nft-save -c' }],
  ip6tablesNft: [{ command: 'ip6tables-nft-save -c' }],
  iptablesLegacy: [{ command: 'iptables-legacy-save -c' }],
  ip6tablesLegacy: [{ command: 'ip6tables-legacy-save -c' }],
  addresses: [{ command: 'ip a' }],
  ipsets: [{ command: 'ipset list' }],
  // Without -n ports are names, so the older `ss -t -p -a -i -s` does not serve.
  listeners: [{ command: 'ss -t -p -a -i -s -n -e', adapt: asListeners }],
  kernel: [{ command: 'uname -a' }],
  routes4: [{ command: 'ip -4 r' }],
  routes6: [{ command: 'ip -6 r' }],
  routeRules: [{ command: 'ip rule' }, { command: 'ip -d rule' }],
  sysctls: [{ command: 'sysctl -a', adapt: asSysctlFiles }],
};

/** Answers of which the files all show the same thing. */
export const shownTwice: ReadonlySet<AnswerName> = new Set(['cgroupPrograms']);

/** The name of the file without its extension, as cilium-bugtool makes it (bugtool/cmd/root.go, writeCmdToFile). */
export const stemOf = (command: string): string => command.replaceAll('/', ' ').replaceAll(' ', '-');

/** `$CILIUM` as each era calls it. */
export const variantsOf = (command: string): string[] =>
  command.includes('$CILIUM') ? ['cilium-dbg', 'cilium'].map((cli) => command.replace('$CILIUM', cli)) : [command];

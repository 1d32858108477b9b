import type { AnswerName } from '../../model/raw.ts';
import {
  asAddressesJson,
  asCgroupJson,
  asFrontendsTable,
  asHealthTable,
  asKernelRelease,
  asListeners,
  asMapsJson,
  asNodeAddressesTable,
  asSetNames,
  asStatusJson,
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

const statedb = '$CILIUM statedb dump';

/**
 * Which files serve as which answer, the best first. Commands by era: bugtool/cmd/configuration.go of Cilium 1.9 to 1.19.
 * What is not listed, no bugtool collects: the node's listeners on its health port, IPVS, the configuration that the
 * agent started with, probes.
 */
export const bugtoolFiles: Partial<Record<AnswerName, readonly BugtoolFile[]>> = {
  status: [
    { command: '$CILIUM status -o json' },
    { command: debuginfo, adapt: asStatusJson },
    // Text, where the agent gave no debug information: it begins with the name of a component instead of a brace.
    { command: '$CILIUM status --verbose' },
  ],
  frontends: [{ command: '$CILIUM shell -- db/show frontends' }, { command: statedb, adapt: asFrontendsTable }],
  health: [{ command: '$CILIUM shell -- db/show health' }, { command: statedb, adapt: asHealthTable }],
  nodeAddresses: [
    { command: '$CILIUM shell -- db/show node-addresses' },
    { command: statedb, adapt: asNodeAddressesTable },
  ],
  metrics: [{ command: '$CILIUM metrics list' }],
  lbList: [{ command: '$CILIUM bpf lb list -o json' }, { command: '$CILIUM bpf lb list' }],
  lbFrontends: [{ command: '$CILIUM bpf lb list --frontends -o json' }, { command: '$CILIUM bpf lb list --frontends' }],
  lbBackends: [{ command: '$CILIUM bpf lb list --backends -o json' }, { command: '$CILIUM bpf lb list --backends' }],
  lbRevnat: [{ command: '$CILIUM bpf lb list --revnat -o json' }, { command: '$CILIUM bpf lb list --revnat' }],
  lbSourceRanges: [
    { command: '$CILIUM bpf lb list --source-ranges -o json' },
    { command: '$CILIUM bpf lb list --source-ranges' },
  ],
  lbMaps: [{ command: 'bpftool map show', adapt: asMapsJson }],
  cgroupPrograms: ['/run/cilium/cgroupv2', '/var/run/cilium/cgroupv2'].map((root) => ({
    command: `bpftool cgroup tree ${root}`,
    adapt: (text) => asCgroupJson(text, root),
  })),
  iptablesNft: [{ command: 'iptables-nft-save -c' }],
  ip6tablesNft: [{ command: 'ip6tables-nft-save -c' }],
  iptablesLegacy: [{ command: 'iptables-legacy-save -c' }],
  ip6tablesLegacy: [{ command: 'ip6tables-legacy-save -c' }],
  addresses: [{ command: 'ip a', adapt: asAddressesJson }],
  ipsets: [{ command: 'ipset list', adapt: asSetNames }],
  // Without -n ports are names, so the older `ss -t -p -a -i -s` does not serve.
  listeners: [{ command: 'ss -t -p -a -i -s -n -e', adapt: asListeners }],
  kernel: [{ command: 'uname -a', adapt: asKernelRelease }],
};

/** The name of the file without its extension, as cilium-bugtool makes it (bugtool/cmd/root.go, writeCmdToFile). */
export const stemOf = (command: string): string => command.replaceAll('/', ' ').replaceAll(' ', '-');

/** `$CILIUM` as each era calls it. */
export const variantsOf = (command: string): string[] =>
  command.includes('$CILIUM') ? ['cilium-dbg', 'cilium'].map((cli) => command.replace('$CILIUM', cli)) : [command];

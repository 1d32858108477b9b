import type { FrontendChange, ObjectKind, Party, Side, Tally } from '../../changes/Changes.ts';
import type { Owner } from '../../knowledge/owners/Owner.ts';
import type { MissingReason } from '../../model/Fact.ts';
import type { IptablesDump } from '../../model/NodeFacts.ts';
import type { ReportCluster, ReportSource, schemaVersion, toolName } from '../ReportDocument.ts';

/**
 * The published answer of `diff` (docs/diff.schema.json): what `-o json` prints, and what the text is made from. Equal
 * changes on several nodes are one, with a list of nodes.
 */
export interface DiffDocument {
  readonly schemaVersion: typeof schemaVersion;
  readonly tool: { readonly name: typeof toolName; readonly version: string };
  readonly command: 'diff';
  readonly verdict: DiffVerdict;
  readonly exitCode: number;
  /** Whole milliseconds. */
  readonly durationMs: number;
  readonly before: SideReport;
  readonly after: SideReport;
  /** Why the two may be no before and after of one cluster; they were compared all the same, as was asked. */
  readonly objections: readonly { readonly kind: 'swapped' | 'otherCluster' | 'redacted'; readonly message: string }[];
  readonly nodes: {
    readonly compared: readonly string[];
    readonly onlyBefore: readonly string[];
    readonly onlyAfter: readonly string[];
  };
  readonly summary: {
    readonly kubeProxy: KubeProxySummary;
    readonly others: ShareSummary;
    readonly cilium: ShareSummary;
    readonly services: ServicesSummary;
  };
  /** What has no reason to change when kube-proxy goes, and did. */
  readonly unexpected: readonly RuleChangeReport[];
  /** All that changed in iptables, chain by chain, `unexpected` included. */
  readonly iptables: readonly RuleChangeReport[];
  /** kube-proxy's chains and rules by the Service that they are for. */
  readonly kubeProxyServices: readonly ServiceShareReport[];
  readonly objects: readonly ObjectReport[];
  /** Services whose clients reach other backends than before. */
  readonly services: readonly ServiceChangeReport[];
  readonly unknown: readonly UnreadReport[];
}

/** `unknown`: nothing differs in what could be compared, but not all could. */
export type DiffVerdict = 'same' | 'different' | 'unknown' | 'interrupted';

export interface SideReport {
  readonly source: ReportSource;
  /** RFC 3339. */
  readonly takenAt: string;
  readonly cluster: ReportCluster;
}

export interface ShareSummary {
  readonly rules: Tally;
  readonly chains: Tally;
  /** Nodes with any change of it. */
  readonly changedOn: readonly string[];
}

export interface KubeProxySummary extends ShareSummary {
  readonly removedOn: readonly string[];
  readonly addedOn: readonly string[];
  /** Nodes that have nothing of it in either reading. */
  readonly absentOn: readonly string[];
  /** Nodes where something of it is left. */
  readonly remainingOn: readonly string[];
  /** Chains that both have on some node because others need them (KUBE-MARK-MASQ, KUBE-POSTROUTING). */
  readonly sharedLeft: number;
}

export interface ServicesSummary {
  /** Who served on each side; several where nodes differ. */
  readonly before: readonly ('ebpf' | 'kubeProxy')[];
  readonly after: readonly ('ebpf' | 'kubeProxy')[];
  /** Services that were compared on any node; hostPorts and addresses that no Service asks for count, too. */
  readonly total: number;
  readonly same: number;
  readonly changed: number;
  readonly removed: number;
  readonly added: number;
  /** Nodes on which they were compared. */
  readonly nodes: number;
}

interface DumpAt {
  readonly nodes: readonly string[];
  readonly backend: IptablesDump['backend'];
  readonly family: IptablesDump['family'];
}

export interface RuleChangeReport extends DumpAt {
  readonly table: string;
  readonly chain: string;
  readonly owner: Owner;
  readonly change: 'removed' | 'added' | 'changed';
  /** Rules as iptables-save prints them, without counters. */
  readonly removed: readonly string[];
  readonly added: readonly string[];
  /** The same rules at another place of the chain. */
  readonly moved: readonly string[];
  /** Of a built-in chain. */
  readonly policy: { readonly before: string; readonly after: string } | null;
  /** Chains of others that jump here, so that kube-proxy's rules were needed although it is gone. */
  readonly neededBy: readonly string[];
}

export interface ServiceShareReport extends DumpAt {
  /** `namespace/name:port` */
  readonly service: string;
  readonly chains: Tally;
  readonly rules: Tally;
}

export interface ObjectReport {
  readonly nodes: readonly string[];
  readonly kind: ObjectKind;
  readonly name: string;
  readonly party: Party;
  readonly change: 'removed' | 'added' | 'changed';
  readonly before: string | null;
  readonly after: string | null;
}

export interface ServiceChangeReport {
  readonly nodes: readonly string[];
  /** `namespace/name`; for an address that no Service of the API has, the frontend. */
  readonly service: string;
  readonly change: 'removed' | 'added' | 'changed';
  /** Whether its endpoints, ports or policies in the API changed as well; null: the API of one side was not read. */
  readonly changedInApi: boolean | null;
  readonly frontends: readonly FrontendChangeReport[];
}

export interface FrontendChangeReport {
  readonly frontend: FrontendChange['frontend'];
  readonly before: ReachReport | null;
  readonly after: ReachReport | null;
}

export interface ReachReport {
  /** Backends that a pod of the node reaches; null: not compared. */
  readonly inside: readonly string[] | null;
  readonly outside: readonly string[] | null;
  /** Seconds; null: not known, or nothing is balanced. */
  readonly affinitySeconds: number | null;
}

export interface UnreadReport {
  readonly nodes: readonly string[];
  readonly what: string;
  readonly side: Side | 'both';
  readonly reason: MissingReason;
  readonly detail: string;
  /** Neither reading has it because no node prints it: it keeps nothing from being the same. */
  readonly harmless: boolean;
}

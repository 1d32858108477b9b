import type { DatapathKind, ObjectKind, OwnerGroup, StateChange } from '../../changes/Changes.ts';
import type { Owner } from '../../knowledge/owners/Owner.ts';
import type { MissingReason } from '../../model/Fact.ts';
import type { Family } from '../../model/lb/address.ts';
import type { Count, DocumentHead } from '../DocumentHead.ts';
import type { ReportCluster, ReportSource } from '../ReportDocument.ts';

/** What changed between two readings of a cluster. Equal changes on several nodes are one, with a list of nodes. */
export interface DiffDocument extends DocumentHead {
  readonly command: 'diff';
  /**
   * unknown: nothing differs in what could be compared, but not everything could be. interrupted: the user stopped it.
   */
  readonly verdict: DiffVerdict;
  /** The same as the process's. */
  readonly exitCode: 0 | 1 | 3 | 130;
  /** Whole milliseconds. */
  readonly durationMs: Count;
  readonly before: SideReport;
  readonly after: SideReport;
  /** Why the two may be no before and after of one cluster; with --allow-mismatch they are compared all the same. */
  readonly objections: readonly { readonly kind: 'swapped' | 'otherCluster' | 'redacted'; readonly message: string }[];
  readonly nodes: {
    readonly compared: readonly string[];
    readonly onlyBefore: readonly string[];
    readonly onlyAfter: readonly string[];
  };
  readonly summary: {
    readonly kubeProxy: KubeProxySummary;
    /** What is neither kube-proxy's nor Cilium's. */
    readonly others: ShareSummary;
    readonly cilium: ShareSummary;
    readonly services: ServicesSummary;
  };
  /** kube-proxy, versions, Cilium’s configuration, agents and attached programs: what somebody did. */
  readonly states: readonly StateReport[];
  /** What has no reason to change when kube-proxy goes, and did: also in `iptables`. */
  readonly unexpected: readonly RuleChangeReport[];
  /** All that changed, chain by chain. Counters, and the order of chains, are no changes. */
  readonly iptables: readonly RuleChangeReport[];
  /** kube-proxy's chains and rules by the Service port that they are for. */
  readonly kubeProxyServices: readonly ServiceShareReport[];
  /** What changed on nodes beside iptables. */
  readonly objects: readonly ObjectReport[];
  /** Services whose clients reach other backends than before. */
  readonly services: readonly ServiceChangeReport[];
  /** What could not be compared. */
  readonly unknown: readonly UnreadReport[];
}

export type DiffVerdict = 'same' | 'different' | 'unknown' | 'interrupted';

export interface SideReport {
  readonly source: ReportSource;
  /** RFC 3339: when the cluster was read. */
  readonly takenAt: string;
  readonly cluster: ReportCluster;
}

export interface ShareSummary {
  readonly rules: TallyReport;
  readonly chains: TallyReport;
  /** Nodes on which anything of it changed. */
  readonly changedOn: readonly string[];
}

/** How many there were on both sides. */
export interface TallyReport {
  readonly removed: Count;
  readonly added: Count;
  /** Chains: with other rules. Rules: the same at another place of their chain. */
  readonly changed: Count;
  readonly same: Count;
}

export interface KubeProxySummary extends ShareSummary {
  readonly removedOn: readonly string[];
  readonly addedOn: readonly string[];
  /** Nodes that have nothing of it in either reading. */
  readonly absentOn: readonly string[];
  /** Nodes where something of it is left, or was added. */
  readonly remainingOn: readonly string[];
  /** Chains KUBE-MARK-MASQ and KUBE-POSTROUTING that stayed, over all nodes: others may use them. */
  readonly sharedLeft: Count;
}

export interface ServicesSummary {
  /** Who served on that side; several where nodes differ. */
  readonly before: readonly DatapathKind[];
  /** Who served on that side; several where nodes differ. */
  readonly after: readonly DatapathKind[];
  /** Services that were compared on any node; hostPorts and addresses that no Service asks for count, too. */
  readonly total: Count;
  readonly same: Count;
  readonly changed: Count;
  readonly removed: Count;
  readonly added: Count;
  /** Nodes on which they were compared. */
  readonly nodes: Count;
}

/** One dump of iptables, of one node or of several that say the same. */
interface DumpAt {
  readonly nodes: readonly string[];
  readonly backend: 'nft' | 'legacy';
  readonly family: Family;
}

export interface RuleChangeReport extends DumpAt {
  readonly table: string;
  readonly chain: string;
  /**
   * Whose chain it is, or (in a built-in chain) whose rules these are. shared: kubelets up to 1.26 write it, too.
   * builtIn: the policy of a built-in chain.
   */
  readonly owner: Owner;
  /** changed: both readings have it, with other contents. */
  readonly change: 'removed' | 'added' | 'changed';
  /** Rules as iptables-save prints them, without counters. */
  readonly removed: readonly string[];
  readonly added: readonly string[];
  /** The same rules at another place of the chain. */
  readonly moved: readonly string[];
  /** Of a built-in chain, when it changed. */
  readonly policy: { readonly before: string; readonly after: string } | null;
  /** Chains of others that jump to this one of kube-proxy's, so that it was needed although kube-proxy is gone. */
  readonly neededBy: readonly string[];
}

export interface ServiceShareReport extends DumpAt {
  /** `namespace/name:port`, or `namespace/name` where the port has no name. */
  readonly service: string;
  readonly chains: TallyReport;
  readonly rules: TallyReport;
}

export interface StateReport {
  /** Empty: of the cluster as a whole. */
  readonly nodes: readonly string[];
  readonly kind: StateChange['kind'];
  /** A key of cilium-config, a hook of the root cgroup; otherwise whose it is. */
  readonly name: string;
  /** null: it was not there, or not set. */
  readonly before: string | null;
  readonly after: string | null;
}

export interface ObjectReport {
  readonly nodes: readonly string[];
  readonly kind: ObjectKind;
  readonly name: string;
  readonly ownerGroup: OwnerGroup;
  /** changed: both readings have it, with other contents. */
  readonly change: 'removed' | 'added' | 'changed';
  readonly before: string | null;
  readonly after: string | null;
}

export interface ServiceChangeReport {
  readonly nodes: readonly string[];
  /** `namespace/name`; for an address that no Service of the API has, the frontend. */
  readonly service: string;
  /** changed: both readings have it, with other contents. */
  readonly change: 'removed' | 'added' | 'changed';
  /** Whether the API asks something else for it than before; null: not known. */
  readonly changedInApi: boolean | null;
  readonly frontends: readonly FrontendChangeReport[];
}

export interface FrontendChangeReport {
  /** `address:port/PROTOCOL`, or `NodePort port/PROTOCOL`. */
  readonly frontend: string;
  /** null: there is no such frontend. */
  readonly before: ReachReport | null;
  /** null: there is no such frontend. */
  readonly after: ReachReport | null;
}

export interface ReachReport {
  /** Backends that a pod of the node reaches; null: not compared. */
  readonly inside: readonly string[] | null;
  /** The same for clients outside of the cluster. */
  readonly outside: readonly string[] | null;
  /** null: not known, or nothing is balanced. */
  readonly affinitySeconds: Count | null;
}

export interface UnreadReport {
  /** Empty: of the cluster as a whole. */
  readonly nodes: readonly string[];
  readonly what: string;
  /** Which reading lacks it. */
  readonly side: 'before' | 'after' | 'both';
  readonly reason: MissingReason;
  readonly detail: string;
  /** Neither reading has it, because nothing on these nodes could tell: it keeps nothing from being the same. */
  readonly harmless: boolean;
}

import type { Connections } from './Connections.ts';
import type { Fact } from './Fact.ts';
import type { Intent } from './Intent.ts';
import type {
  ConfigMap,
  CiliumLocalRedirectPolicy,
  CiliumNode,
  CiliumNodeConfig,
  DaemonSet,
  Deployment,
  EndpointSlice,
  Node,
  Pod,
  Service,
} from './kubernetes.ts';
import type { NodeFacts } from './NodeFacts.ts';
import type { Origin } from './raw.ts';
import type { RawSettings } from './RawSettings.ts';

/** The typed picture of a cluster at one moment. What a check may see of it is what it declares (core/View.ts). */
export interface Snapshot {
  readonly origin: Origin;
  readonly takenAt: string;
  readonly facts: ClusterFacts;
  readonly cilium: CiliumInstallation;
  readonly distribution: Distribution;
  /** Every node of the cluster, in the order of their names (n2 before n10). */
  readonly nodes: readonly NodeSnapshot[];
  /** Objects that are left out of `facts` because they are not shaped as the API defines them. */
  readonly malformed: readonly MalformedObject[];
  /** A second look at what differed at the first, some seconds later; undefined: there was no need, or no way. */
  readonly secondReading?: SecondReading;
  /** Connections that were tried, where somebody asked for that. */
  readonly connections?: Connections;
  /** What is about to be done to it; undefined: nothing that anybody said. */
  readonly intent?: Intent;
  /** Of shards that left nothing, which and why; undefined: one process read all, or all are there. */
  readonly lostShards?: readonly string[];
  /** Only some nodes were looked at, drawn by lot; undefined: nobody asked for that. */
  readonly sample?: NodeSample;
}

/** Nodes drawn by lot, for a quick look at a large cluster. */
export interface NodeSample {
  /** How many at most. */
  readonly size: number;
  /** The same seed draws the same nodes of the same cluster. */
  readonly seed: number;
}

/** What every run knows of a cluster, whatever it asks for: where Cilium is, and which nodes there are. */
export interface Frame {
  readonly origin: Origin['kind'];
  /** RFC 3339. */
  readonly takenAt: string;
  /** How long after that was read again; undefined: nothing was. */
  readonly secondsLater: number | undefined;
  readonly cilium: CiliumInstallation;
  readonly distribution: Distribution;
  /** Every node of the cluster, in the order of their names. */
  readonly nodes: readonly NodeFrame[];
  /** Connections that were tried; undefined: nobody asked for that. */
  readonly connections: Connections | undefined;
  /** What is about to be done to it: of `preflight` only. */
  readonly intent: Intent | undefined;
}

export interface NodeFrame {
  readonly name: string;
  readonly coverage: NodeCoverage;
  readonly agent: AgentPod | undefined;
}

export interface SecondReading {
  /** How long after the first it was taken. */
  readonly secondsLater: number;
  /** Services, EndpointSlices, pods and redirect policies, listed again. */
  readonly facts: ClusterFacts;
  /** The nodes that were read again, by their name. */
  readonly nodes: ReadonlyMap<string, NodeFacts>;
}

export interface MalformedObject {
  readonly document: ClusterFactName;
  /** `namespace/name`, or its place in the list. */
  readonly object: string;
  /** What is wrong, e.g. `spec.ports: expected an array`. */
  readonly why: string;
}

export interface ClusterFacts {
  readonly version: Fact<KubernetesVersion>;
  readonly nodes: Fact<readonly Node[]>;
  readonly services: Fact<readonly Service[]>;
  readonly endpointSlices: Fact<readonly EndpointSlice[]>;
  readonly daemonSets: Fact<readonly DaemonSet[]>;
  readonly deployments: Fact<readonly Deployment[]>;
  readonly systemPods: Fact<readonly Pod[]>;
  /** Pods of all namespaces: their ports, labels and addresses. */
  readonly pods: Fact<readonly Pod[]>;
  /** Empty where the kind is not installed. */
  readonly localRedirectPolicies: Fact<readonly CiliumLocalRedirectPolicy[]>;
  /** The data of `cilium-config`. */
  readonly ciliumConfig: Fact<RawSettings>;
  readonly ciliumNodeConfigs: Fact<readonly CiliumNodeConfig[]>;
  readonly ciliumNodes: Fact<readonly CiliumNode[]>;
  /** undefined: the API says that there is none. */
  readonly kubeProxyConfig: Fact<ConfigMap | undefined>;
  readonly kubeadmConfig: Fact<ConfigMap | undefined>;
  /** With which kubeadm configures the kubelets. */
  readonly kubeletConfig: Fact<ConfigMap | undefined>;
  readonly clusterInfo: Fact<ConfigMap | undefined>;
}
export type ClusterFactName = keyof ClusterFacts;

export interface KubernetesVersion {
  /** e.g. `v1.36.3` or `v1.31.4-eks-2d5f260`. */
  readonly gitVersion: string;
  readonly major: number;
  readonly minor: number;
}

/** Where Cilium is installed, found by its agents' DaemonSets. */
export interface CiliumInstallation {
  readonly namespace: string;
  /** One, unless node groups have their own (e.g. GKE's `anetd`). */
  readonly agentDaemonSets: readonly string[];
  readonly operatorDeployment: string | undefined;
  /** CiliumNodeConfigs in namespaces where its agents read none (`namespace/name`), as far as they were listed. */
  readonly strayNodeConfigs?: readonly string[];
}

export type Distribution =
  | 'kubeadm'
  | 'k3s'
  | 'rke2'
  | 'talos'
  | 'kind'
  | 'openshift'
  | 'eks'
  | 'aks'
  | 'gke'
  | 'microk8s'
  | 'k0s'
  | 'other';

export interface NodeSnapshot extends NodeFrame {
  readonly facts: NodeFacts;
}

export type NodeCoverage =
  /** An agent is to run here, so the node is examined. */
  | { readonly kind: 'covered' }
  /** Not ours by intention (Windows, virtual kubelet, Fargate, outside the DaemonSet's node selector). */
  | { readonly kind: 'excluded'; readonly why: string }
  /** The user left it out with --node, or the lot did with --sample. */
  | { readonly kind: 'notSelected' };

export interface AgentPod {
  readonly namespace: string;
  readonly name: string;
  readonly container: string;
  /** RFC 3339; undefined while the container has not started. */
  readonly startedAt: string | undefined;
  /** How often its container was started again since the pod was made. */
  readonly restarts: number;
  /** When the container ended last, RFC 3339; undefined: never. */
  readonly lastEnd: string | undefined;
  readonly ready: boolean;
}

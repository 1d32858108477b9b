import { KprError } from '../core/KprError.ts';
import { answersOf } from '../knowledge/nodeCommands.ts';
import { type Fact, isKnown, mapFact, type Missing, missing, valueOf } from '../model/Fact.ts';
import type { CiliumNodeConfig, DaemonSet, Node } from '../model/kubernetes.ts';
import type { NodeFactName, NodeFacts } from '../model/NodeFacts.ts';
import { isInPart, type NodesPart } from '../model/NodesPart.ts';
import { isDnsSubdomain } from '../model/kubernetesNames.ts';
import type { Origin, RawDocuments, RawNode } from '../model/raw.ts';
import type {
  CiliumInstallation,
  ClusterFacts,
  MalformedObject,
  NodeCoverage,
  NodeSample,
  NodeSnapshot,
  Snapshot,
} from '../model/Snapshot.ts';
import { agentsByNode, kubeProxiesByNode } from './agentOf.ts';
import type { KnownRows } from './digest/KnownRows.ts';
import { detectDistribution } from './detectDistribution.ts';
import { findCilium, findCiliumByPods, isAgentDaemonSet } from './findCilium.ts';
import { OwnStrings } from './OwnStrings.ts';
import { NodeIdentities } from './NodeIdentities.ts';
import { nodeCoverage } from './nodeCoverage.ts';
import { DocumentReader } from './DocumentReader.ts';
import { readNodeFacts } from './readNodeFacts.ts';
import { byName } from '../text/names.ts';
import { refuseUnknownNodes } from './refuseUnknownNodes.ts';
import { SharedRules } from './rules/SharedRules.ts';
import { SharedRows } from './SharedRows.ts';
import { wholeLists } from './wholeLists.ts';

export interface SnapshotOptions {
  readonly origin: Origin;
  /** RFC 3339. */
  readonly takenAt: string;
  /** --node; undefined: all. */
  readonly selectedNodes: ReadonlySet<string> | undefined;
  /** Only these parts of the nodes; undefined: all. */
  readonly part?: NodesPart | undefined;
  /** By which `selectedNodes` were drawn; undefined: they were named. */
  readonly sample?: NodeSample | undefined;
  /** --cilium-namespace; undefined: it is found. */
  readonly ciliumNamespace: string | undefined;
  /** One that has looked at the documents' lists already; undefined: none has. */
  readonly reader?: DocumentReader | undefined;
  /** What nodes' maps have in common, where they were asked for digests; undefined: none was. */
  readonly digests?: KnownRows | undefined;
  /** A cluster that has no Cilium (yet) is one, too; otherwise that is an error. */
  readonly withoutCilium?: boolean | undefined;
}

interface Frame {
  readonly facts: ClusterFacts;
  readonly malformed: readonly MalformedObject[];
  readonly cilium: CiliumInstallation;
  readonly agents: ReturnType<typeof agentsByNode>;
  readonly kubeProxies: ReturnType<typeof kubeProxiesByNode>;
  readonly identities: NodeIdentities;
}

/** Agents read CiliumNodeConfigs of their own namespace only, unless they are told otherwise. */
const ofNamespace =
  (namespace: string) =>
  (configs: readonly CiliumNodeConfig[]): readonly CiliumNodeConfig[] =>
    configs.filter(({ metadata }) => metadata.namespace === namespace);

const notOfNamespace = (namespace: string, configs: readonly CiliumNodeConfig[]): readonly string[] =>
  configs.flatMap(({ metadata }) =>
    metadata.namespace === namespace ? [] : [`${metadata.namespace ?? ''}/${metadata.name}`],
  );

/** What is asked of kube-proxy's pod instead of the agent's. */
const ofKubeProxy: ReadonlySet<string> = new Set(answersOf.proxyRules);

/**
 * Makes a snapshot of what a source gives, node by node, so that nobody holds the raw text of all. `build` may be
 * called at any time after the documents: nodes that have not answered until then have no facts, and each says why.
 */
export class SnapshotBuilder {
  readonly #options: SnapshotOptions;
  readonly #answered = new Map<string, NodeFacts>();
  readonly #kubeProxyAlone = new Set<string>();
  readonly #shared: SharedRows;
  readonly #strings = new OwnStrings();
  readonly #rules: SharedRules;
  #frame: Frame | undefined;

  constructor(options: SnapshotOptions) {
    this.#options = options;
    this.#shared = new SharedRows(options.digests?.states);
    this.#rules = options.digests?.rules.shared ?? new SharedRules();
  }

  /** Throws KprError when Cilium is not found or a selected node does not exist. */
  documents(documents: RawDocuments): void {
    const { reader = new DocumentReader() } = this.#options;
    const facts = wholeLists(reader.read(documents));
    const cilium = installation(facts, this.#options);
    const pods = valueOf(facts.systemPods) ?? [];
    this.#frame = {
      facts: { ...facts, ciliumNodeConfigs: mapFact(facts.ciliumNodeConfigs, ofNamespace(cilium.namespace)) },
      malformed: reader.malformed(documents),
      cilium: {
        ...cilium,
        strayNodeConfigs: notOfNamespace(cilium.namespace, valueOf(facts.ciliumNodeConfigs) ?? []),
      },
      agents: agentsByNode(pods, valueOf(facts.daemonSets), cilium.namespace),
      kubeProxies: kubeProxiesByNode(pods),
      identities: new NodeIdentities(valueOf(facts.nodes) ?? []),
    };
    refuseUnknownNodes(facts, this.#options.selectedNodes);
  }

  /** Throws KprError for a name that no node has: it would stand in commands that people paste. */
  node(node: RawNode): void {
    if (!isDnsSubdomain(node.name))
      throw new KprError(
        `${JSON.stringify(node.name)} is no name that Kubernetes gives a node, so what was read is not to be trusted`,
        'Read the cluster itself',
      );
    const kubeProxyPod = this.#frame?.kubeProxies.get(node.name);
    if (Object.keys(node.answers).every((name) => ofKubeProxy.has(name))) this.#kubeProxyAlone.add(node.name);
    const facts = readNodeFacts(node, {
      kubeProxyPod,
      identities: this.#frame?.identities,
      rules: this.#rules,
      digests: this.#options.digests,
    });
    this.#answered.set(node.name, this.#kept(facts));
  }

  build(): Snapshot {
    const frame = this.#frame;
    if (frame === undefined) {
      throw new KprError(
        'Nothing was read of the cluster.',
        'Try again, with more time if it is slow: --timeout 120s.',
      );
    }
    const { facts, cilium, malformed } = frame;
    const listed = new Map(valueOf(facts.nodes)?.map((node) => [node.metadata.name, node]));
    const names = [...new Set([...listed.keys(), ...frame.agents.keys(), ...this.#answered.keys()])].sort(byName);
    const daemonSets = (valueOf(facts.daemonSets) ?? []).filter(
      (daemonSet) => isAgentDaemonSet(daemonSet) && daemonSet.metadata.namespace === cilium.namespace,
    );
    const { sample } = this.#options;
    const coverageOf = (name: string): NodeCoverage => this.#coverageOf(frame, name, listed.get(name), daemonSets);
    return {
      origin: this.#options.origin,
      takenAt: this.#options.takenAt,
      facts,
      cilium,
      distribution: detectDistribution(facts),
      nodes: names.map((name) => this.#nodeSnapshot(frame, name, coverageOf(name))),
      malformed,
      ...(sample !== undefined && { sample }),
    };
  }

  /** Tables and rules are made of what is held once already. */
  #kept(facts: NodeFacts): NodeFacts {
    const { lbTable, agentTable, frontendStates, mapFrontends, iptables, proxyRules, proxyTable, ...others } = facts;
    const tables = { lbTable, agentTable, frontendStates, mapFrontends, iptables, proxyRules, proxyTable };
    return this.#shared.share({ ...this.#strings.own(others), ...tables });
  }

  #nodeSnapshot(frame: Frame, name: string, coverage: NodeCoverage): NodeSnapshot {
    const agent = frame.agents.get(name);
    const answered = coverage.kind === 'notSelected' ? undefined : this.#answered.get(name);
    if (answered !== undefined && this.#isExamined(name)) return { name, coverage, agent, facts: answered };
    const nothing = without(whyNothing(frame, name, coverage, this.#options.sample !== undefined));
    if (answered === undefined) return { name, coverage, agent, facts: nothing };
    const { proxyRules, proxyTable } = answered;
    return { name, coverage, agent, facts: { ...nothing, proxyRules, proxyTable } };
  }

  /** Something was asked of its agent; of a node without one its kube-proxy may have been asked all the same. */
  #isExamined(name: string): boolean {
    return this.#answered.has(name) && !this.#kubeProxyAlone.has(name);
  }

  #coverageOf({ agents }: Frame, name: string, node: Node | undefined, daemonSets: readonly DaemonSet[]): NodeCoverage {
    const { selectedNodes, sample, part } = this.#options;
    if (!isInPart(name, part)) return { kind: 'notSelected' };
    if (selectedNodes !== undefined && !selectedNodes.has(name)) {
      // Who draws by lot has to know of how many.
      const own = sample === undefined || node === undefined ? undefined : nodeCoverage(node, daemonSets);
      return own?.kind === 'excluded' && !agents.has(name) ? own : { kind: 'notSelected' };
    }
    // Where an agent is, whatever the selectors say by now, it is to be looked at.
    if (node === undefined || agents.has(name) || this.#isExamined(name)) return { kind: 'covered' };
    return nodeCoverage(node, daemonSets);
  }
}

const allRights =
  'All rights that are needed stand in the roles that kubectl kpr job --image IMAGE --with-role prints, for whoever may give them.';

function installation(
  facts: ClusterFacts,
  { ciliumNamespace: namespace, withoutCilium = false }: SnapshotOptions,
): CiliumInstallation {
  const deployments = valueOf(facts.deployments);
  if (withoutCilium && isKnown(facts.daemonSets) && !facts.daemonSets.value.some(isAgentDaemonSet))
    return { namespace: namespace ?? 'kube-system', agentDaemonSets: [], operatorDeployment: undefined };
  const pods = valueOf(facts.systemPods) ?? [];
  if (isKnown(facts.daemonSets)) return findCilium(facts.daemonSets.value, pods, namespace, deployments);
  const byPods = findCiliumByPods(pods, namespace, deployments);
  if (byPods !== undefined) return byPods;
  // What one agent collected of itself: there are no objects to look among.
  if (areNotCollected(facts.daemonSets, facts.systemPods))
    return { namespace: namespace ?? 'kube-system', agentDaemonSets: [], operatorDeployment: undefined };
  throw new KprError(
    `Cilium can't be found: ${facts.daemonSets.detail}.`,
    `Its agents are looked for among the DaemonSets of all namespaces; reading those must be allowed.${
      facts.daemonSets.missing === 'forbidden' ? ` ${allRights}` : ''
    }`,
  );
}

const areNotCollected = (...facts: readonly Fact<unknown>[]): boolean =>
  facts.every((fact) => !isKnown(fact) && fact.missing === 'notCollected');

function whyNothing({ facts, agents }: Frame, name: string, coverage: NodeCoverage, isSample: boolean): Missing {
  if (coverage.kind === 'notSelected')
    return missing('notCollected', isSample ? 'not in the sample' : 'left out by --node');
  if (coverage.kind === 'excluded') return missing('notCollected', `not examined: ${coverage.why}`);
  if (!isKnown(facts.systemPods)) {
    return missing(facts.systemPods.missing, `the agent pods could not be listed: ${facts.systemPods.detail}`);
  }
  return agents.has(name)
    ? missing('notCollected', 'nothing was read of this node')
    : missing('absent', 'there is no agent pod on this node');
}

/** No fact, for one reason. */
const without = (why: Missing): NodeFacts =>
  Object.fromEntries((Object.keys(answersOf) as NodeFactName[]).map((name) => [name, why])) as Record<
    NodeFactName,
    Missing
  >;

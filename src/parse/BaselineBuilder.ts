import { KprError } from '../core/KprError.ts';
import { type Fact, missing, valueOf } from '../model/Fact.ts';
import type { Baseline, BaselineNode } from '../model/Baseline.ts';
import type { ProxyTable } from '../model/lb/ProxyTable.ts';
import type { NodeFacts } from '../model/NodeFacts.ts';
import type { Origin, RawDocuments, RawNode } from '../model/raw.ts';
import type { ClusterFacts, Distribution } from '../model/Snapshot.ts';
import { kubeProxiesByNode } from './agentOf.ts';
import { detectDistribution } from './detectDistribution.ts';
import { DocumentReader } from './DocumentReader.ts';
import { readNodeFacts } from './readNodeFacts.ts';
import { SharedRules } from './rules/SharedRules.ts';

interface Frame {
  readonly facts: ClusterFacts;
  readonly distribution: Distribution;
  readonly kubeProxies: ReadonlyMap<string, string>;
}

/** Numbers by their value: n2 before n10. */
const byName = new Intl.Collator('en', { numeric: true });

/** Distributions that run kube-proxy as a part of their own process, where no pod tells of it. */
const embedding: ReadonlySet<Distribution> = new Set(['k3s', 'microk8s']);

/** What of a reading concerns kube-proxy. Unlike a snapshot it needs no Cilium: there may have been none yet. */
export class BaselineBuilder {
  readonly #origin: Origin;
  readonly #takenAt: string;
  readonly #nodes = new Map<string, BaselineNode>();
  readonly #rules = new SharedRules();
  #frame: Frame | undefined;

  constructor({ origin, takenAt }: { readonly origin: Origin; readonly takenAt: string }) {
    this.#origin = origin;
    this.#takenAt = takenAt;
  }

  documents(documents: RawDocuments): void {
    const facts = new DocumentReader().read(documents);
    this.#frame = {
      facts,
      distribution: detectDistribution(facts),
      kubeProxies: kubeProxiesByNode(valueOf(facts.systemPods) ?? []),
    };
  }

  node(raw: RawNode): void {
    const pod = this.#frame?.kubeProxies.get(raw.name);
    const { proxyTable, proxyHealth } = readNodeFacts(raw, { kubeProxyPod: pod, rules: this.#rules });
    const kept = pod !== undefined || this.#isOutsideOfPods(proxyHealth);
    this.#nodes.set(raw.name, { name: raw.name, table: proxyTable, kept });
  }

  /** Throws KprError when not even the objects of the API came. */
  build(): Baseline {
    if (this.#frame === undefined) {
      throw new KprError(
        'Nothing was read of the cluster as it was before.',
        'Take the capture anew while kube-proxy still runs: kubectl kpr capture -o before.kpr',
      );
    }
    const { facts } = this.#frame;
    const listed = valueOf(facts.nodes)?.map(({ metadata }) => metadata.name) ?? [];
    const names = [...new Set([...listed, ...this.#nodes.keys()])].sort(byName.compare);
    return {
      origin: this.#origin,
      takenAt: this.#takenAt,
      facts,
      nodes: names.map((name) => this.#nodes.get(name) ?? { name, table: notRead, kept: false }),
    };
  }

  #isOutsideOfPods(proxyHealth: NodeFacts['proxyHealth']): boolean {
    const kind = valueOf(proxyHealth)?.kind;
    if (kind === 'nobody' || kind === 'cilium') return false;
    return kind === 'kubeProxy' || (this.#frame !== undefined && embedding.has(this.#frame.distribution));
  }
}

const notRead: Fact<ProxyTable> = missing('notCollected', 'neither an agent nor kube-proxy was asked on this node');

import type { KubeProxyDifferenceName } from '../../knowledge/kubeProxyDifferences.ts';
import { familyOf, isUnspecified, transports } from '../../model/lb/address.ts';
import {
  atAllAddresses,
  type BackendKey,
  type FrontendKey,
  frontendKey,
  withoutProtocol,
} from '../../model/lb/keys.ts';
import { type ProxyAnswer, type ProxyRow, type ProxySource, proxySources } from '../../model/lb/ProxyTable.ts';
import type { ExpectedFrontend } from '../lb/ExpectedTable.ts';
import { ownerName } from '../lb/OwnerRef.ts';
import type { KubeProxyComparisonInput } from './KubeProxyComparisonInput.ts';
import { KubeProxyReasons } from './KubeProxyReasons.ts';

export interface ProxyDifference {
  /** Of the external scope. */
  readonly frontend: FrontendKey;
  /** `namespace/name`; undefined: a row of kube-proxy's that no Service asks for. */
  readonly owner: string | undefined;
  readonly what:
    | 'onlyInCilium'
    | 'onlyInKubeProxy'
    | 'backends'
    | 'refusal'
    | 'affinity'
    | 'sourceRanges'
    | 'reach'
    | 'doubt';
  /** For whom; undefined: for all. */
  readonly source: ProxySource | undefined;
  /** What each has: backends, seconds, CIDRs, or one word. */
  readonly cilium: readonly string[];
  readonly kubeProxy: readonly string[];
  /** The reasons why this is as it should be; empty: it should not be. */
  readonly intended: readonly KubeProxyDifferenceName[];
}

export interface ProxyComparison {
  /** Rows that both have. */
  readonly compared: number;
  readonly differences: readonly ProxyDifference[];
  /** What could not be compared, and why. */
  readonly unknown: readonly string[];
}

/**
 * What Cilium is asked to hold on a node against what kube-proxy does there, for every client that
 * kube-proxy tells apart.
 */
export function compareWithKubeProxy(input: KubeProxyComparisonInput): ProxyComparison {
  return new Comparison(input).run();
}

class Comparison {
  readonly #input: KubeProxyComparisonInput;
  readonly #reasons: KubeProxyReasons;
  readonly #differences: ProxyDifference[] = [];
  readonly #used = new Set<FrontendKey>();
  /** NodePort rows at single addresses, by the key that they had at all. */
  readonly #byPort = new Map<FrontendKey, ProxyRow>();
  #compared = 0;

  constructor(input: KubeProxyComparisonInput) {
    this.#input = input;
    this.#reasons = new KubeProxyReasons(input);
    for (const row of input.proxy.rows.values()) {
      if (row.kind === 'NodePort' && !isUnspecified(row.address))
        this.#byPort.set(atAllAddresses(row, 'external'), row);
    }
  }

  run(): ProxyComparison {
    const { expected, proxy } = this.#input;
    for (const row of expected.frontends.values()) {
      if (row.scope === 'external' && proxy.families.has(familyOf(row.address))) this.#compare(row);
    }
    for (const row of proxy.rows.values()) if (!this.#used.has(row.key)) this.#onlyInKubeProxy(row);
    const { nodePortAddresses, hostPorts, redirects } = expected.unknown;
    return {
      compared: this.#compared,
      differences: this.#differences,
      unknown: [
        nodePortAddresses,
        hostPorts,
        redirects,
        proxy.hooked ? undefined : 'nothing leads to kube-proxy’s rules, so they are not in effect',
        proxy.notUnderstood.length > 0
          ? `${proxy.notUnderstood.length} of kube-proxy’s rules were not understood`
          : undefined,
      ].filter((reason) => reason !== undefined),
    };
  }

  #compare(row: ExpectedFrontend): void {
    const found = this.#find(row);
    if (found === undefined) {
      this.#add(
        row,
        'onlyInCilium',
        undefined,
        row.selectable.toSorted(),
        [],
        this.#reasons.ofMissing(row, this.#byPort),
      );
      return;
    }
    this.#compared++;
    if (found.doubt !== undefined) {
      this.#add(row, 'doubt', undefined, row.selectable.toSorted(), [found.doubt], []);
      return;
    }
    // A NodePort is the same at every address of the node, so it is said once.
    const asWhole = this.#input.expected.frontends.get(row.agentKey);
    if (asWhole !== undefined && asWhole !== row && this.#isAs(row, asWhole)) return;
    for (const source of proxySources) this.#compareAnswers(row, found, source);
    this.#compareTraits(row, found);
  }

  #isAs(row: ExpectedFrontend, other: ExpectedFrontend): boolean {
    const [a, b] = [this.#inside(row), this.#inside(other)];
    return row.selectable.join() === other.selectable.join() && a.selectable.join() === b.selectable.join();
  }

  #find(row: ExpectedFrontend): ProxyRow | undefined {
    const { rows } = this.#input.proxy;
    if (row.protocol === 'ANY') {
      const parts = transports.map((protocol) => this.#find({ ...row, protocol })).filter((part) => part !== undefined);
      return together(parts);
    }
    const isNodePort = row.type === 'NodePort';
    const key = frontendKey(row.address, row.port, row.protocol, 'external');
    const found =
      rows.get(key) ??
      (isNodePort ? rows.get(atAllAddresses(row, 'external')) : undefined) ??
      // What a NodePort does is compared once; at which addresses, with the rows of those.
      (isNodePort && isUnspecified(row.address) ? this.#byPort.get(key) : undefined);
    if (found !== undefined && (found.key === key || isUnspecified(found.address))) this.#used.add(found.key);
    return found;
  }

  #compareAnswers(row: ExpectedFrontend, found: ProxyRow, source: ProxySource): void {
    const answer = found.answers[source];
    if (row.type === 'ClusterIP' && source === 'outside' && row.flags.has('non-routable')) {
      if (answer.kind === 'balance') this.#add(row, 'reach', source, [], answer.backends, ['clusterIPFromOutside']);
      return;
    }
    const ours = source === 'outside' ? row : this.#inside(row);
    const theirs = answer.kind === 'balance' ? answer.backends : [];
    const candidates = [ours, ...ours.alternatives];
    if (candidates.some(({ selectable }) => sameKeys(selectable, theirs, row.protocol === 'ANY'))) {
      if (theirs.length > 0 || answer.kind === 'reject') return;
      const intended = answer.kind === 'drop' ? this.#reasons.ofDrop(row, found, source) : [];
      this.#add(row, 'refusal', source, ['reject'], [answer.kind], intended);
      return;
    }
    // kube-proxy never lets a connection to a Service pass as it is.
    const intended = answer.kind === 'pass' ? [] : this.#reasons.ofBackends(ours, found, source, theirs);
    this.#add(row, 'backends', source, ours.selectable.toSorted(), shown(answer), intended);
  }

  /** The row that clients inside the cluster use. */
  #inside(row: ExpectedFrontend): ExpectedFrontend {
    const { address, port, protocol } = row;
    return this.#input.expected.frontends.get(frontendKey(address, port, protocol, 'internal')) ?? row;
  }

  #compareTraits(row: ExpectedFrontend, found: ProxyRow): void {
    if (row.type === 'NodePort' && isUnspecified(row.address) && found.onLoopback)
      this.#add(row, 'reach', 'node', [], ['loopback'], ['nodePortOnLoopback']);
    // Where nothing is balanced, kube-proxy has no rule that could say.
    if (!Object.values(found.answers).some(({ kind }) => kind === 'balance')) return;
    if (row.affinityTimeout !== found.affinityTimeout && row.type !== 'LocalRedirect')
      this.#add(row, 'affinity', undefined, [`${row.affinityTimeout}`], [`${found.affinityTimeout}`], []);
    if (!this.#input.expected.propertiesKnown) return;
    const ranges = row.flags.has('check source-range') ? row.sourceRanges : [];
    const denies = row.flags.has('deny') && ranges.length > 0;
    if (denies || ranges.join() !== found.sourceRanges.join())
      this.#add(row, 'sourceRanges', undefined, ranges, found.sourceRanges, this.#reasons.ofRanges(row, found, ranges));
  }

  #onlyInKubeProxy(row: ProxyRow): void {
    const service = this.#reasons.serviceAt(row);
    const backends = [...new Set(Object.values(row.answers).flatMap((answer) => shown(answer)))];
    // Which addresses Cilium serves NodePorts at is not known, but it does serve this one at some.
    const isKnown =
      row.kind !== 'NodePort' ||
      this.#input.expected.unknown.nodePortAddresses === undefined ||
      !this.#input.expected.frontends.has(atAllAddresses(row, 'external'));
    if (!isKnown) return;
    this.#differences.push({
      frontend: row.key,
      owner: service === undefined ? undefined : `${service.metadata.namespace ?? ''}/${service.metadata.name}`,
      what: 'onlyInKubeProxy',
      source: undefined,
      cilium: [],
      kubeProxy: backends,
      intended: this.#reasons.ofSurplus(row),
    });
  }

  #add(
    row: ExpectedFrontend,
    what: ProxyDifference['what'],
    source: ProxySource | undefined,
    cilium: readonly string[],
    kubeProxy: readonly string[],
    intended: readonly KubeProxyDifferenceName[],
  ): void {
    this.#differences.push({
      frontend: row.key,
      owner: ownerName(row.owner),
      what,
      source,
      cilium,
      kubeProxy,
      intended,
    });
  }
}

const shown = (answer: ProxyAnswer): readonly string[] => (answer.kind === 'balance' ? answer.backends : [answer.kind]);

function sameKeys(ours: readonly BackendKey[], theirs: readonly BackendKey[], anyProtocol: boolean): boolean {
  const [a, b] = [ours, theirs].map((keys) => new Set(anyProtocol ? keys.map((key) => withoutProtocol(key)) : keys));
  return a !== undefined && b !== undefined && a.size === b.size && [...a].every((key) => b.has(key));
}

/** Rows of several protocols as the one that they are where protocols share a row. */
function together(rows: readonly ProxyRow[]): ProxyRow | undefined {
  const [first, ...others] = rows;
  if (first === undefined) return undefined;
  const answer = (source: ProxySource): ProxyAnswer => {
    const answers = [first, ...others].map((row) => row.answers[source]);
    const backends = answers.flatMap((one) => (one.kind === 'balance' ? one.backends : []));
    return backends.length > 0 ? { kind: 'balance', backends } : first.answers[source];
  };
  return { ...first, answers: { outside: answer('outside'), pod: answer('pod'), node: answer('node') } };
}

import type { Missing } from '../../model/Fact.ts';
import { familyOf, isUnspecified, transports } from '../../model/lb/address.ts';
import { atAllAddresses, type FrontendKey, frontendKey, partsOf, withScope } from '../../model/lb/keys.ts';
import { type ProxyRow, type ProxySource, proxySources } from '../../model/lb/ProxyTable.ts';
import { compareWithKubeProxy, type ProxyDifference } from '../kube-proxy/compareWithKubeProxy.ts';
import type { KubeProxyComparisonInput } from '../kube-proxy/KubeProxyComparisonInput.ts';
import { KubeProxyReasons } from '../kube-proxy/KubeProxyReasons.ts';
import type { ExpectedFrontend, ExpectedTable } from '../lb/ExpectedTable.ts';
import { ownerName } from '../lb/OwnerRef.ts';
import { type Difference, isFirm } from '../parity/Difference.ts';
import type { Gain, Intended, Loss } from './BaselineComparison.ts';
import { lossNow } from './lossNow.ts';

export interface NodeComparisonInput extends KubeProxyComparisonInput {
  /** Whether kube-proxy still kept its rules then. */
  readonly kept: boolean;
  /** What the API requires of this node now, and where its maps differ. `expected` is what it required then. */
  readonly now: ExpectedTable;
  readonly differences: readonly Difference[];
  /** `namespace/name` of the Services that were there at both times. */
  readonly inBoth: ReadonlySet<string>;
  /** Those whose endpoints changed just before kube-proxy’s rules were read. */
  readonly unsettled: ReadonlySet<string>;
  /** Whether connections of processes on the node are translated at the socket; undefined: not known. */
  readonly socketLb: boolean | undefined;
  /** Addresses of the node in the API of the baseline, as far as they are still its own. */
  readonly nodeAddresses: readonly string[];
}

export interface NodeComparison {
  readonly lost: readonly Omit<Loss, 'nodes'>[];
  readonly intended: readonly Omit<Intended, 'nodes'>[];
  readonly gained: readonly Omit<Gain, 'nodes'>[];
  readonly unknown: readonly { readonly service: string | undefined; readonly why: Missing }[];
  /** Services that kube-proxy served. */
  readonly served: ReadonlySet<string>;
  /** Services whose rows, or the backends of some, are asked for otherwise now. */
  readonly moved: ReadonlySet<string>;
}

/**
 * One node, in three steps that leave nothing between them: what kube-proxy did against what Cilium would have
 * been asked for then, what the API requires now against what it required then, and what the maps hold against what
 * the API requires now.
 */
export const compareWithBaseline = (input: NodeComparisonInput): NodeComparison => new Comparison(input).run();

class Comparison {
  readonly #input: NodeComparisonInput;
  readonly #reasons: KubeProxyReasons;
  readonly #lost: Omit<Loss, 'nodes'>[] = [];
  readonly #intended: Omit<Intended, 'nodes'>[] = [];
  readonly #gained: Omit<Gain, 'nodes'>[] = [];
  readonly #unknown = new Map<string, NodeComparison['unknown'][number]>();
  readonly #served = new Set<string>();
  /** Keys of kube-proxy's NodePorts as they are at all addresses, where it has them at single ones. */
  readonly #singleNodePorts = new Set<string>();

  constructor(input: NodeComparisonInput) {
    // Rows are made when they are read, so they are read once.
    this.#input = { ...input, proxy: { ...input.proxy } };
    this.#reasons = new KubeProxyReasons(this.#input);
  }

  run(): NodeComparison {
    const { proxy, differences } = this.#input;
    for (const row of proxy.rows.values()) {
      const service = this.#serviceAt(row);
      if (service !== undefined) this.#served.add(service);
      if (row.kind === 'NodePort' && !isUnspecified(row.address))
        this.#singleNodePorts.add(atAllAddresses(row, 'external'));
    }
    const comparison = compareWithKubeProxy(this.#input);
    for (const difference of comparison.differences) this.#judgeThen(difference);
    for (const difference of differences) this.#judgeNow(difference);
    this.#judgeAddresses();
    this.#judgeFamilies();
    if (proxy.notUnderstood.length > 0) {
      const [first] = proxy.notUnderstood;
      this.#inconclusive(
        undefined,
        `${proxy.notUnderstood.length} of kube-proxy’s rules were not understood: ${first?.line ?? ''}`,
      );
    }
    return {
      lost: this.#lost,
      intended: this.#intended,
      gained: this.#gained,
      unknown: [...this.#unknown.values()],
      served: this.#served,
      moved: this.#moved(),
    };
  }

  /** The Service of both readings that asked kube-proxy for a row. */
  #serviceAt(row: ProxyRow): string | undefined {
    const metadata = this.#reasons.serviceAt(row)?.metadata;
    const name = metadata === undefined ? undefined : `${metadata.namespace ?? ''}/${metadata.name}`;
    return name !== undefined && this.#input.inBoth.has(name) ? name : undefined;
  }

  #serviceOf(row: Pick<ExpectedFrontend, 'owner'> | undefined): string | undefined {
    if (row?.owner.kind !== 'Service') return undefined;
    const name = ownerName(row.owner);
    return this.#input.inBoth.has(name) ? name : undefined;
  }

  /** kube-proxy against what Cilium would have been asked for at the same time. */
  #judgeThen(difference: ProxyDifference): void {
    const { frontend, what, intended, cilium, kubeProxy } = difference;
    const { expected, proxy } = this.#input;
    const row = expected.frontends.get(frontend);
    const proxyRow = proxy.rows.get(frontend);
    const service =
      row === undefined ? (proxyRow === undefined ? undefined : this.#serviceAt(proxyRow)) : this.#serviceOf(row);
    if (service === undefined) return;
    const from = difference.source === undefined ? sourcesOf(what, proxyRow) : [difference.source];
    if (what === 'doubt') {
      this.#inconclusive(service, `kube-proxy’s rules for ${frontend} were not wholly understood: ${kubeProxy.join()}`);
      return;
    }
    if (intended.includes('nodePortOnLoopback') && this.#input.socketLb === false) {
      const { port, protocol } = partsOf(frontend);
      const loopback = frontendKey('127.0.0.1', port, protocol, 'external');
      this.#lose(service, loopback, 'loopback', from, proxyRow === undefined ? [] : backendsOf(proxyRow, 'node'), []);
      return;
    }
    const isElsewhere = what === 'onlyInKubeProxy' && this.#isAtOtherAddress(proxyRow);
    if (intended.length > 0 || isElsewhere) {
      const reasons = isElsewhere && intended.length === 0 ? (['nodePortAddresses'] as const) : intended;
      this.#intended.push({ service, frontend, reasons, from, before: kubeProxy, now: cilium });
      return;
    }
    if (what === 'onlyInCilium') {
      if (this.#input.kept) this.#gained.push({ service, frontend, from, now: cilium });
      return;
    }
    // A client that kube-proxy refused has nothing to lose.
    if (what === 'onlyInKubeProxy' && from.length === 0) return;
    // What matters is now: eBPF may do by now just what kube-proxy did, or be asked for something else.
    if (this.#isMadeUpFor(difference, proxyRow)) return;
    if (!this.#input.kept) {
      this.#inconclusive(
        service,
        'kube-proxy was gone from the node already when it was captured, and its rules were old',
      );
    } else if (this.#input.unsettled.has(service)) {
      this.#inconclusive(
        service,
        'its endpoints changed just before it was captured, and kube-proxy had not caught up',
      );
    } else {
      const kind = what === 'onlyInKubeProxy' || what === 'reach' ? 'frontend' : what;
      this.#lose(service, frontend, kind, from, kubeProxy, cilium);
    }
  }

  /**
   * A NodePort at an address that Cilium does not serve NodePorts at; those that clients know a node by are
   * none of these.
   */
  #isAtOtherAddress(row: ProxyRow | undefined): boolean {
    const { expected, nodeAddresses } = this.#input;
    return (
      row?.kind === 'NodePort' &&
      expected.frontends.has(atAllAddresses(row, 'external')) &&
      !nodeAddresses.includes(row.address)
    );
  }

  #isMadeUpFor({ frontend, what, source }: ProxyDifference, proxyRow: ProxyRow | undefined): boolean {
    const { now } = this.#input;
    const row = now.frontends.get(frontend);
    if (row === undefined) return false;
    if (what === 'onlyInKubeProxy') return true;
    if (proxyRow === undefined) return false;
    if (what === 'affinity') return row.affinityTimeout === proxyRow.affinityTimeout;
    if (what === 'sourceRanges') return row.sourceRanges.join() === proxyRow.sourceRanges.join();
    if (source === undefined) return false;
    const { address, port, protocol } = row;
    const inside = now.frontends.get(frontendKey(address, port, protocol, 'internal'));
    const { selectable } = source === 'outside' ? row : (inside ?? row);
    return selectable.toSorted().join() === backendsOf(proxyRow, source).toSorted().join();
  }

  /** The present maps against the present API, as far as kube-proxy served it. */
  #judgeNow(difference: Difference): void {
    const { owner, frontend, doubt } = difference;
    const service = owner === undefined ? undefined : this.#serviceOf({ owner });
    if (service === undefined || !this.#wasServed(difference)) return;
    if (!isFirm(difference)) {
      const how = difference.kind === 'settling' ? 'is settling' : 'differs, permanently or only for the moment';
      this.#inconclusive(service, `${frontend} ${how}: ${difference.why}`);
    } else if (doubt !== undefined) {
      this.#inconclusive(service, `${frontend} was perhaps misread: ${doubt}`);
    } else {
      const loss = lossNow(difference);
      if (loss !== undefined) this.#lost.push({ service, from: this.#clientsOf(frontend), ...loss });
    }
  }

  #wasServed({ frontend, type }: Difference): boolean {
    const { rows } = this.#input.proxy;
    const key = withScope(frontend, 'external');
    if (rows.has(key)) return true;
    const row = this.#input.now.frontends.get(frontend) ?? this.#input.now.frontends.get(key);
    const all = row === undefined ? key : atAllAddresses(row, 'external');
    if (type === 'NodePort' && (rows.has(all) || this.#singleNodePorts.has(all))) return true;
    // Before 1.17 one row is for all protocols.
    const { address, port, protocol } = partsOf(key);
    return protocol === 'ANY' && transports.some((one) => rows.has(frontendKey(address, port, one, 'external')));
  }

  /** Who looks a row of the maps up. */
  #clientsOf(frontend: FrontendKey): readonly ProxySource[] {
    if (partsOf(frontend).scope === 'internal') return inside;
    const { frontends } = this.#input.now;
    const isOutsideOnly = frontends.has(withScope(frontend, 'internal'));
    if (isOutsideOnly) return ['outside'];
    return frontends.get(frontend)?.flags.has('non-routable') === true ? inside : proxySources;
  }

  /** NodePorts that kube-proxy serves at every address of the node, at those by which clients know it. */
  #judgeAddresses(): void {
    const { proxy, node, nodeAddresses, now } = this.#input;
    const { nodePortAddresses } = node;
    if (nodePortAddresses === undefined) {
      if ([...proxy.rows.values()].some(({ kind }) => kind === 'NodePort'))
        this.#inconclusive(undefined, 'at which addresses the node serves NodePorts was not read');
      return;
    }
    const unserved = nodeAddresses.filter((address) => !nodePortAddresses.includes(address));
    for (const row of proxy.rows.values()) {
      const service = row.kind === 'NodePort' && isUnspecified(row.address) ? this.#serviceAt(row) : undefined;
      if (service === undefined || !now.frontends.has(row.key)) continue;
      const backends = backendsOf(row, 'outside');
      if (backends.length === 0) continue;
      for (const address of unserved) {
        if (familyOf(address) !== familyOf(row.address)) continue;
        const key = frontendKey(address, row.port, row.protocol, 'external');
        this.#lose(service, key, 'frontend', proxySources, backends, []);
      }
    }
  }

  #judgeFamilies(): void {
    const { proxy, expected } = this.#input;
    for (const row of expected.frontends.values()) {
      const service = this.#serviceOf(row);
      const family = familyOf(row.address);
      if (service === undefined || proxy.families.has(family)) continue;
      this.#inconclusive(
        service,
        `kube-proxy’s rules for ${family === 'ipv4' ? 'IPv4' : 'IPv6'} were not there to be read`,
      );
    }
  }

  #moved(): ReadonlySet<string> {
    const { expected, now } = this.#input;
    const moved = new Set<string>();
    const compare = (row: ExpectedFrontend, other: ExpectedFrontend | undefined): void => {
      const service = this.#serviceOf(row);
      if (service === undefined || moved.has(service)) return;
      if (other === undefined || row.selectable.toSorted().join() !== other.selectable.toSorted().join())
        moved.add(service);
    };
    for (const row of expected.frontends.values()) compare(row, now.frontends.get(row.key));
    for (const row of now.frontends.values()) compare(row, expected.frontends.get(row.key));
    return moved;
  }

  #lose(
    service: string,
    frontend: FrontendKey,
    what: Loss['what'],
    from: readonly ProxySource[],
    expected: readonly string[],
    found: readonly string[],
  ): void {
    this.#lost.push({
      service,
      frontend,
      what,
      from,
      expected: expected.toSorted(),
      found: found.toSorted(),
      difference: undefined,
      severity: what === 'loopback' ? 'warning' : 'error',
    });
  }

  #inconclusive(service: string | undefined, detail: string): void {
    const key = `${service ?? ''} ${detail}`;
    this.#unknown.set(key, { service, why: { missing: 'notCollected', detail } });
  }
}

const inside: readonly ProxySource[] = ['pod', 'node'];

function backendsOf(row: ProxyRow, source: ProxySource): readonly string[] {
  const answer = row.answers[source];
  return answer.kind === 'balance' ? answer.backends : [];
}

/**
 * Of a difference that is not told by client, whom it is about: of a row of kube-proxy's, those for whom it balances.
 */
const sourcesOf = (what: ProxyDifference['what'], row: ProxyRow | undefined): readonly ProxySource[] =>
  what !== 'onlyInKubeProxy' || row === undefined
    ? proxySources
    : proxySources.filter((source) => row.answers[source].kind === 'balance');

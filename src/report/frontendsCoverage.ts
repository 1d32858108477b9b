import { type Difference, isCertain } from '../expect/parity/Difference.ts';
import type { NodeParity } from '../expect/parity/tableParity.ts';
import type { AskedFrontend } from '../expect/lb/Refusal.ts';
import { isMeant, type Unserved, type WhyUnserved } from '../expect/served/WhyUnserved.ts';
import type { ExpectedFrontend, ExpectedTable } from '../expect/lb/ExpectedTable.ts';
import { type CommonExpectations, LayeredFrontends, spreadCount } from '../expect/lb/LayeredFrontends.ts';
import { type FrontendKey, partsOf } from '../model/lb/keys.ts';
import type { FrontendsCoverage } from './ReportDocument.ts';

export interface JudgedNode {
  readonly name: string;
  readonly parity: Extract<NodeParity, { readonly judged: true }>;
  readonly unserved: readonly Unserved[];
}

/**
 * What the API asks for, each frontend once however many nodes and addresses of nodes it has, and what becomes of it:
 * the worst that is seen on any node. What an author keeps off nodes, and what is left to kube-proxy, is not asked for.
 * @param isPart other nodes were left out, and may have what none of these has
 */
export function frontendsCoverage(nodes: readonly JudgedNode[], isPart: boolean): FrontendsCoverage {
  const rows = new CountedRows();
  const differing = new Set<FrontendKey>();
  const byNode: FrontendsCoverage['byNode'][number][] = [];
  const fates = new Fates();
  for (const { name, parity, unserved } of nodes) {
    for (const { key, agentKey } of rows.add(parity.expected.frontends)) if (key === agentKey) fates.asked(key);
    for (const { frontend, why } of unserved) fates.unserved(frontend, why);
    for (const difference of parity.differences) {
      differing.add(difference.frontend);
      fates.differs(difference);
    }
    byNode.push({ node: name, ...verifiedOf(parity) });
  }
  const total = rows.count();
  return {
    total,
    verified: total - [...differing].filter((key) => rows.has(key)).length,
    nodes: nodes.length,
    byNode,
    ...fates.counts(nodes.length, isPart),
  };
}

function verifiedOf({ expected: { frontends }, differences }: JudgedNode['parity']): {
  readonly total: number;
  readonly verified: number;
} {
  const differing = new Set(differences.map(({ frontend }) => frontend));
  const { size } = frontends;
  return { total: size, verified: size - [...differing].filter((key) => frontends.has(key)).length };
}

type Frontends = ExpectedTable['frontends'];

/** Each frontend once, of however many nodes; those that nodes have in common are looked at once. */
class CountedRows {
  readonly #keys = new Set<FrontendKey>();
  readonly #commons = new Set<CommonExpectations>();
  readonly #spread = new Map<string, LayeredFrontends[]>();

  /** Its rows, without those at a node’s own addresses, and without common ones that were there before. */
  add(frontends: Frontends): readonly ExpectedFrontend[] {
    if (!(frontends instanceof LayeredFrontends)) return this.#added([...frontends.values()]);
    const { common, own, addresses } = frontends.layers;
    for (const address of addresses) {
      const tables = this.#spread.get(address) ?? [];
      if (!tables.some(({ layers }) => layers.common === common)) tables.push(frontends);
      this.#spread.set(address, tables);
    }
    const isKnown = this.#commons.has(common);
    this.#commons.add(common);
    return this.#added([...(isKnown ? [] : common.rows.values()), ...own.values()]);
  }

  count(): number {
    let count = this.#keys.size;
    const named = new Set(Array.from(this.#keys, (key) => partsOf(key).address));
    for (const [address, [first, ...others]] of this.#spread) {
      if (first === undefined) continue;
      if (others.length === 0 && !named.has(address))
        count += spreadCount(first.layers.common.spread.values(), [address]);
      else {
        const here = new Set<FrontendKey>();
        for (const one of [first, ...others]) for (const key of one.spreadAt(address)) here.add(key);
        count += [...here].filter((key) => !this.#keys.has(key)).length;
      }
    }
    return count;
  }

  has(key: FrontendKey): boolean {
    return (
      this.#keys.has(key) || (this.#spread.get(partsOf(key).address) ?? []).some((frontends) => frontends.has(key))
    );
  }

  #added(rows: readonly ExpectedFrontend[]): readonly ExpectedFrontend[] {
    for (const { key } of rows) this.#keys.add(key);
    return rows;
  }
}

class Fates {
  readonly #asked = new Set<FrontendKey>();
  readonly #differ = new Set<FrontendKey>();
  readonly #open = new Set<FrontendKey>();
  /** With the number of nodes where it is so. */
  readonly #unserved = new Map<FrontendKey, { readonly why: WhyUnserved; nodes: number }>();

  asked(key: FrontendKey): void {
    this.#asked.add(key);
  }

  unserved({ key }: AskedFrontend, why: WhyUnserved): void {
    if (isMeant(why) || why.kind === 'featureOff') return;
    this.#asked.add(key);
    if (why.kind === 'claimed' && !why.decided) this.#open.add(key);
    const known = this.#unserved.get(key);
    if (known === undefined) this.#unserved.set(key, { why, nodes: 1 });
    else known.nodes += 1;
  }

  differs(difference: Difference): void {
    (isCertain(difference) ? this.#differ : this.#open).add(difference.agentKey);
  }

  counts(
    nodes: number,
    isPart: boolean,
  ): Pick<FrontendsCoverage, 'asked' | 'served' | 'differ' | 'notServed' | 'notKnown'> {
    const reasons = new Map<WhyUnserved['kind'], number>();
    let [served, differ, notKnown] = [0, 0, 0];
    for (const key of this.#asked) {
      const unserved = this.#unserved.get(key);
      if (this.#differ.has(key)) differ += 1;
      else if (this.#open.has(key)) notKnown += 1;
      else if (unserved === undefined || (unserved.why.kind === 'notLocal' && unserved.nodes < nodes)) served += 1;
      else if (unserved.why.kind === 'notLocal' && isPart) notKnown += 1;
      else reasons.set(unserved.why.kind, (reasons.get(unserved.why.kind) ?? 0) + 1);
    }
    const notServed = [...reasons].map(([reason, frontends]) => ({ reason, text: reasonLabels[reason], frontends }));
    return { asked: this.#asked.size, served, differ, notServed, notKnown };
  }
}

/** For a list of reasons with their numbers. */
const reasonLabels: Readonly<Record<WhyUnserved['kind'], string>> = {
  externalName: 'ExternalName',
  headless: 'headless',
  otherProxy: 'without the label service-proxy-name',
  keptOffNode: 'kept off by an annotation',
  otherTypeOnly: 'left out by an annotation',
  familyOff: 'of a family that agents do not serve',
  featureOff: 'left to kube-proxy',
  nodeAddress: 'at a node’s own address',
  hostPortInRange: 'hostPort in the NodePort range',
  zeroHostIP: 'hostPort at a zero address',
  noSlice: 'without an EndpointSlice',
  notReady: 'without a ready backend',
  placeholder: 'without a redirect to the L7 proxy',
  family: 'without a backend of the family',
  protocol: 'without a backend of the protocol',
  portName: 'port names do not meet',
  sliceOfOtherProxy: 'EndpointSlices without the label service-proxy-name',
  notLocal: 'policy Local without a backend on any node',
  zone: 'no backend in a zone',
  outOfRotation: 'backends out of rotation',
  names: 'endpoints that are names',
  sourceRanges: 'source ranges let nobody in',
  sctpOff: 'SCTP is off',
  sctpPort: 'SCTP to another port',
  claimed: 'claimed by another object',
  overwritten: 'overwritten by another object',
};

import { nodeNamed } from '../nodeNamed.ts';
import type { Derivations } from '../../core/Derivations.ts';
import type { Baseline } from '../../model/Baseline.ts';
import { isKnown, type Missing, missing, valueOf } from '../../model/Fact.ts';
import type { Node, Service } from '../../model/kubernetes.ts';
import { canonicalAddress } from '../../model/lb/address.ts';
import type { ProxyTable } from '../../model/lb/ProxyTable.ts';
import type { ClusterFacts, NodeSnapshot, Snapshot } from '../../model/Snapshot.ts';
import { apiObjects } from '../lb/apiObjects.ts';
import { expectNodeIn } from '../lb/expectedOnNode.ts';
import type { ApiObjects } from '../lb/expectTable.ts';
import { expectTable } from '../lb/expectTable.ts';
import { lbConfigOnNode } from '../lb/lbConfigOnNode.ts';
import { SharedBackends } from '../lb/SharedBackends.ts';
import { tableParity } from '../parity/tableParity.ts';
import type {
  BaselineComparison,
  Gain,
  Intended,
  Loss,
  ServiceOutcome,
  InconclusiveComparison,
} from './BaselineComparison.ts';
import { compareWithBaseline, type NodeComparison } from './compareWithBaseline.ts';
import { readyAddresses, unsettledServices } from './endpointsThen.ts';
import { FoldByPlace } from './FoldByPlace.ts';
import { serviceChanges } from './serviceChanges.ts';

export interface AgainstOptions {
  readonly file: string;
  /** Only Services of this namespace; undefined: all. */
  readonly namespace: string | undefined;
}

/**
 * Every Service that was there at both times: what kube-proxy did with it on each node then, against what eBPF does
 * with it there now. Only for readings that are not `notComparable`. Node by node, so that whoever drives it can let go
 * of each node's rows before the next.
 */
export class BaselineComparer {
  /** Nodes that are to be compared. */
  readonly nodes: readonly string[];
  readonly #before: Baseline;
  readonly #after: Derivations;
  readonly #file: string;
  readonly #names: Overlap;
  readonly #then: ApiObjects | Missing;
  readonly #now: ApiObjects | Missing;
  readonly #unsettled: ReadonlySet<string>;
  readonly #backends = new SharedBackends();
  readonly #lost = new FoldByPlace<Omit<Loss, 'nodes'>>();
  readonly #intended = new FoldByPlace<Omit<Intended, 'nodes'>>();
  readonly #gained = new FoldByPlace<Omit<Gain, 'nodes'>>();
  readonly #unknown: InconclusiveComparison[] = [];
  readonly #compared: string[] = [];
  readonly #served = new Set<string>();
  readonly #moved = new Set<string>();

  constructor(before: Baseline, after: Derivations, { file, namespace }: AgainstOptions) {
    this.#before = before;
    this.#after = after;
    this.#file = file;
    this.#names = overlapOf(before, after.snapshot, namespace);
    this.#then = apiObjects(before.facts);
    this.#now = apiObjects(latest(after.snapshot));
    this.#unsettled =
      'missing' in this.#then ? new Set() : unsettledServices(this.#then.endpointSlices, before.takenAt);
    const unread = [this.#then, this.#now].find((one): one is Missing => 'missing' in one);
    if (unread !== undefined) this.#unknown.push({ node: undefined, service: undefined, ...reasonOf(unread) });
    this.nodes = unread === undefined ? this.#names.nodes.candidates : [];
  }

  compare(name: string): void {
    if ('missing' in this.#then) return;
    const common = {
      objects: this.#then,
      backends: this.#backends,
      inBoth: this.#names.inBoth,
      unsettled: this.#unsettled,
    };
    const result = judge(this.#before, this.#after, name, common);
    if ('missing' in result) {
      this.#unknown.push({ node: name, service: undefined, ...reasonOf(result) });
      return;
    }
    this.#compared.push(name);
    this.#lost.add(name, result.lost);
    this.#intended.add(name, result.intended);
    this.#gained.add(name, result.gained);
    for (const { service, why } of result.unknown) this.#unknown.push({ node: name, service, ...reasonOf(why) });
    for (const service of result.served) this.#served.add(service);
    for (const service of result.moved) this.#moved.add(service);
  }

  result(): BaselineComparison {
    const { added, removed, nodes } = this.#names;
    const head = headOf(this.#before, this.#file, nodes);
    const lost = this.#lost.result();
    return {
      ...head,
      nodes: { ...head.nodes, compared: this.#compared },
      services: { compared: this.#outcomes(lost), added, removed },
      lost,
      intended: this.#intended.result(),
      gained: this.#gained.result(),
      unknown: this.#unknown,
    };
  }

  #outcomes(losses: readonly Loss[]): readonly ServiceOutcome[] {
    const [then, now] = [this.#then, this.#now];
    if ('missing' in then || 'missing' in now) return [];
    const services = new Map(now.services.map((service) => [nameOf(service), service]));
    const lost = new Set(losses.filter(({ severity }) => severity === 'error').map(({ service }) => service));
    const unknown = new Set(this.#unknown.map(({ service }) => service));
    const [readyThen, readyNow] = [readyAddresses(then), readyAddresses(now)];
    return then.services
      .filter((service) => this.#served.has(nameOf(service)))
      .map((service): ServiceOutcome => {
        const name = nameOf(service);
        const moved = this.#moved.has(name);
        const own = serviceChanges(service, services.get(name) ?? service);
        const [before, current] = [readyThen.get(name) ?? [], readyNow.get(name) ?? []];
        const otherwise = own.length > 0 ? 'service' : moved ? 'endpoints' : 'same';
        return {
          service: name,
          outcome: lost.has(name) ? 'lost' : unknown.has(name) ? 'unknown' : otherwise,
          changed: moved && before.join() !== current.join() ? [...own, 'endpoints'] : own,
          backends: { before: before.length, now: current.length },
        };
      });
  }
}

/** What was listed a second time is what differing maps were judged by; a second look may be at something else only. */
const latest = ({ facts, secondReading: again }: Snapshot): ClusterFacts =>
  again !== undefined && isKnown(again.facts.services) && isKnown(again.facts.endpointSlices) ? again.facts : facts;

interface Common {
  /** As they were in the baseline. */
  readonly objects: ApiObjects;
  readonly backends: SharedBackends;
  readonly inBoth: ReadonlySet<string>;
  readonly unsettled: ReadonlySet<string>;
}

function judge(before: Baseline, derivations: Derivations, name: string, common: Common): NodeComparison | Missing {
  const after = derivations.snapshot;
  const old = before.nodes.find((node) => node.name === name);
  const node = after.nodes.find((one) => one.name === name);
  if (old === undefined || node === undefined) return missing('absent', 'there was no such node');
  if (!isKnown(old.table)) return { ...old.table, detail: `kube-proxy’s rules in the baseline: ${old.table.detail}` };
  if (!old.table.value.hooked)
    return missing('absent', 'kube-proxy was not in effect there any more: nothing led to its rules');
  const parity = derivations.on(tableParity, name);
  if (!parity.judged) return parity.why;
  const cluster = latest(after);
  const own = expectNodeIn(isKnown(cluster.nodes) ? cluster.nodes : after.facts.nodes, name, node.facts.nodeAddresses);
  if ('missing' in own) return own;
  const config = derivations.on(lbConfigOnNode, name);
  if ('missing' in config) return config;
  const objectThen = nodeObject(before.facts, name);
  // Labels decide about zones: kube-proxy chose by those of the baseline.
  const asThen = { ...own, labels: objectThen?.metadata.labels ?? own.labels };
  const { objects, backends, inBoth, unsettled } = common;
  return compareWithBaseline({
    proxy: old.table.value,
    kept: old.kept,
    expected: expectTable({ node: asThen, config, objects }, backends),
    node: asThen,
    config,
    objects,
    now: parity.expected,
    differences: parity.differences,
    inBoth,
    unsettled,
    socketLb: valueOf(node.facts.status)?.kpr?.socketLb,
    nodeAddresses: stillItsOwn(objectThen, nodeObject(cluster, name), node),
  });
}

/**
 * Internal addresses that the Node had in the baseline, still has, and has on one of its links, where those were read.
 */
function stillItsOwn(then: Node | undefined, now: Node | undefined, { facts }: NodeSnapshot): readonly string[] {
  const current = new Set(internalAddresses(now));
  const links = valueOf(facts.interfaces)?.flatMap(({ addresses }) => addresses);
  const onLinks = links && new Set(links.map((address) => canonicalAddress(address.replace(/\/.*/, ''))));
  return internalAddresses(then).filter((address) => current.has(address) && (onLinks?.has(address) ?? true));
}

const internalAddresses = (node: Node | undefined): readonly string[] =>
  (node?.status?.addresses ?? [])
    .filter(({ type }) => type === 'InternalIP')
    .map(({ address }) => canonicalAddress(address))
    .filter((address) => address !== undefined);

const nodeObject = ({ nodes }: Baseline['facts'], name: string): Node | undefined =>
  nodeNamed(valueOf(nodes) ?? [], name);

interface Overlap {
  readonly nodes: {
    readonly candidates: readonly string[];
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly excluded: readonly string[];
  };
  readonly inBoth: ReadonlySet<string>;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

function overlapOf(before: Baseline, after: Snapshot, namespace: string | undefined): Overlap {
  const old = new Set(before.nodes.map(({ name }) => name));
  const current = new Map(after.nodes.map((node) => [node.name, node.coverage.kind]));
  const servicesOf = (services: readonly Service[] | undefined): readonly string[] =>
    (services ?? [])
      .filter(({ metadata, spec }) => isBalanced(spec) && (namespace === undefined || metadata.namespace === namespace))
      .map(nameOf)
      .toSorted();
  const then = new Set(servicesOf(valueOf(before.facts.services)));
  const now = new Set(servicesOf(valueOf(latest(after).services)));
  return {
    nodes: {
      candidates: [...current].flatMap(([name, kind]) => (kind === 'covered' && old.has(name) ? [name] : [])),
      added: [...current].flatMap(([name, kind]) => (kind === 'covered' && !old.has(name) ? [name] : [])),
      removed: [...old].filter((name) => !current.has(name)),
      excluded: [...current].flatMap(([name, kind]) => (kind === 'excluded' && old.has(name) ? [name] : [])),
    },
    inBoth: new Set([...then].filter((name) => now.has(name))),
    added: [...now].filter((name) => !then.has(name)),
    removed: [...then].filter((name) => !now.has(name)),
  };
}

/** Headless Services and ExternalNames have nothing to balance. */
const isBalanced = (spec: Service['spec']): boolean => spec?.type !== 'ExternalName' && spec?.clusterIP !== 'None';

function headOf(
  before: Baseline,
  file: string,
  { candidates: _candidates, ...others }: Overlap['nodes'],
): Pick<BaselineComparison, 'before' | 'nodes'> {
  const tables = before.nodes.flatMap(({ name, table, kept }) =>
    isKnown(table) ? [{ name, mode: table.value.mode, kept }] : [],
  );
  return {
    before: {
      file,
      takenAt: before.takenAt,
      modes: [...new Set(tables.map(({ mode }): ProxyTable['mode'] => mode))],
      nodes: tables.length,
      leftovers: tables.filter(({ kept }) => !kept).map(({ name }) => name),
    },
    nodes: { compared: [], ...others },
  };
}

const reasonOf = ({ missing: reason, detail }: Missing): Pick<InconclusiveComparison, 'reason' | 'detail'> => ({
  reason,
  detail,
});

const nameOf = ({ metadata }: Service): string => `${metadata.namespace ?? ''}/${metadata.name}`;

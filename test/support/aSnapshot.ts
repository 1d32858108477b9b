import { Derivations } from '../../src/core/Derivations.ts';
import type { AnyCheck } from '../../src/core/Check.ts';
import type { Finding } from '../../src/core/Finding.ts';
import { type CheckResult, runChecks } from '../../src/core/runChecks.ts';
import {
  isKnown,
  type Fact,
  known,
  type Known,
  missing,
  type Missing,
  type MissingReason,
} from '../../src/model/Fact.ts';
import type { NodeFacts } from '../../src/model/NodeFacts.ts';
import type { RawSettings } from '../../src/model/RawSettings.ts';
import type { ClusterFacts, NodeSnapshot, Snapshot } from '../../src/model/Snapshot.ts';
import { healthyFacts, healthyNode, sourceOf } from './healthy.ts';

type ValueOf<F> = F extends Known<infer T> ? T : never;
type Plain = Readonly<Record<string, unknown>>;
type Several = readonly unknown[] | ReadonlyMap<unknown, unknown>;
/** Settings are given as a plain map of keys. */
type Given<T> = T extends RawSettings ? ReadonlyMap<string, string> : T;
/** Objects are merged into the default key by key; arrays, maps and single values replace it. */
type Change<T> = T extends Several ? T : T extends object ? { readonly [K in keyof T]?: Change<T[K]> | undefined } : T;

export type NodeChanges = { readonly [K in keyof NodeFacts]?: Change<Given<ValueOf<NodeFacts[K]>>> | Missing } & {
  readonly coverage?: NodeSnapshot['coverage'];
  /** `undefined` explicitly: no agent pod. */
  readonly agent?: Partial<NonNullable<NodeSnapshot['agent']>> | undefined;
};

/** A value replaces the default; a `Missing` makes it missing. */
export type ClusterChanges = { readonly [K in keyof ClusterFacts]?: Given<ValueOf<ClusterFacts[K]>> | Missing };

export interface SnapshotChanges extends Partial<Omit<Snapshot, 'facts' | 'nodes' | 'cilium'>> {
  readonly cilium?: Partial<Snapshot['cilium']>;
  readonly facts?: ClusterChanges;
  /** By name; a name other than `n1` and `n2` adds a node. */
  readonly nodes?: Readonly<Record<string, NodeChanges>>;
}

/**
 * A healthy cluster (kubeadm, Kubernetes 1.36, Cilium 1.19.6 with kube-proxy replacement, nodes `n1` and `n2`), with
 * what a test changes, e.g. `aSnapshot({ nodes: { n2: { status: { kpr: { mode: 'False' } } } } })`.
 */
export function aSnapshot(changes: SnapshotChanges = {}): Snapshot {
  const names = [...new Set(['n1', 'n2', ...Object.keys(changes.nodes ?? {})])];
  return {
    origin: { kind: 'live', context: 'test', server: 'https://172.30.0.1:6443', kubectl: 'kubectl' },
    takenAt: '2026-11-21T10:00:00Z',
    distribution: 'kubeadm',
    malformed: [],
    ...changes,
    cilium: {
      namespace: 'kube-system',
      agentDaemonSets: ['cilium'],
      operatorDeployment: 'cilium-operator',
      ...changes.cilium,
    },
    facts: changed(healthyFacts(names), changes.facts ?? {}, (_, value) => value),
    nodes: names.map((name, index) => changedNode(healthyNode(name, index + 1), changes.nodes?.[name] ?? {})),
  };
}

/** `aMissing('timeout')`, with a detail that tests may look for. */
export const aMissing = (reason: MissingReason, detail = `made up for a test: ${reason}`): Missing =>
  missing(reason, detail);

/** Every fact of a node missing for one reason, e.g. `{ n2: allMissing('unreachable') }`. */
export const allMissing = (reason: MissingReason, detail?: string): Readonly<Record<keyof NodeFacts, Missing>> =>
  Object.fromEntries(Object.keys(healthyNode('n1', 1).facts).map((name) => [name, aMissing(reason, detail)])) as Record<
    keyof NodeFacts,
    Missing
  >;

export function resultOf(check: AnyCheck, snapshot: Snapshot): CheckResult {
  const [result] = runChecks([check], new Derivations(snapshot));
  if (result === undefined) throw new Error('the runner gave no result');
  return result;
}

/**
 * What a check says, a line each, so that no other outcome passes for silence: `KPR1007 n2`, `KPR3002` and
 * `KPR5011 shop/cart` (about the cluster or objects), `unknown n2 timeout`, `skipped: …`. Nothing at all is a pass.
 */
export function codesOf(check: AnyCheck, snapshot: Snapshot): string[] {
  const result = resultOf(check, snapshot);
  if (result.result === 'pass') return [];
  if (result.result === 'skipped') return [`skipped: ${result.reason}`];
  return result.result === 'fail'
    ? result.findings.map((one) => `${one.code} ${aboutOf(one)}`.trim())
    : result.unknowns.map((one) => `unknown ${one.node ?? ''} ${one.why.missing}`.replace('  ', ' '));
}

/** The findings of a check; none unless it fails. */
export function findingsOf(check: AnyCheck, snapshot: Snapshot): readonly Finding[] {
  const result = resultOf(check, snapshot);
  return result.result === 'fail' ? result.findings : [];
}

const aboutOf = ({ nodes, objects }: Finding): string =>
  nodes.length > 0
    ? nodes.join(',')
    : objects.map(({ namespace, name }) => (namespace === undefined ? name : `${namespace}/${name}`)).join(',');

function changedNode(node: NodeSnapshot, changes: NodeChanges): NodeSnapshot {
  const { coverage, agent, ...facts } = changes;
  const gone = 'agent' in changes && agent === undefined;
  return {
    ...node,
    coverage: coverage ?? node.coverage,
    agent: gone || node.agent === undefined ? undefined : { ...node.agent, ...agent },
    facts: changed(node.facts, facts, merged),
  };
}

function changed<T extends object>(facts: T, changes: object, merge: (was: unknown, change: unknown) => unknown): T {
  const was = new Map<string, Fact<unknown>>(Object.entries(facts));
  const news = Object.entries(changes).map(([name, change]): [string, Fact<unknown>] => {
    if (isPlain(change) && 'missing' in change && 'detail' in change) {
      const { missing: reason, detail, source, unheard } = change;
      const fact = aMissing(reason as MissingReason, String(detail));
      const further = {
        ...(typeof source === 'string' && { source }),
        ...(unheard === true && { unheard: true as const }),
      };
      return [name, { ...fact, ...further }];
    }
    const before = was.get(name);
    return [
      name,
      known(
        merge(before && isKnown(before) ? before.value : undefined, settings.has(name) ? { byKey: change } : change),
        before && isKnown(before) ? before.source : sourceOf(name),
      ),
    ];
  });
  return { ...facts, ...Object.fromEntries(news) };
}

const settings: ReadonlySet<string> = new Set(['ciliumConfig', 'startedConfig']);

function merged(was: unknown, change: unknown): unknown {
  if (!isPlain(was) || !isPlain(change)) return change;
  return {
    ...was,
    ...Object.fromEntries(Object.entries(change).map(([key, value]) => [key, merged(was[key], value)])),
  };
}

const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

import type { Finding, ObjectRef } from '../core/Finding.ts';
import type { Builtin } from '../core/Problem.ts';
import { valueOf } from '../model/Fact.ts';
import type { Snapshot } from '../model/Snapshot.ts';
import type { Values } from './fill.ts';

/** What the texts of a finding may name; `node` is the node that a command is for. */
export function valuesOf(finding: Finding, snapshot: Snapshot, node = finding.nodes[0]): Values {
  const { objects, params } = finding;
  const { names, things } = textsOf(finding);
  const builtins: Record<Builtin, string | undefined> = {
    namespace: snapshot.cilium.namespace,
    helmRelease: releaseOf(snapshot),
    agentDaemonSet: snapshot.cilium.agentDaemonSets[0] ?? 'cilium',
    operator: snapshot.cilium.operatorDeployment ?? 'cilium-operator',
    nodes: names,
    node,
    agentPod: node === undefined ? undefined : agentPodsOf(snapshot).get(node),
    objects: things,
    objectNamespace: objects[0]?.namespace,
    objectName: objects[0]?.name,
  };
  return { ...builtins, ...params };
}

interface Texts {
  readonly names: string | undefined;
  readonly things: string | undefined;
}

/** Each node of a finding has commands of its own, and what is asked for all of them is the same text each time. */
const texts = new WeakMap<Finding, Texts>();

function textsOf(finding: Finding): Texts {
  const { nodes, objects } = finding;
  const known = texts.get(finding);
  if (known !== undefined) return known;
  const made = {
    names: nodes.length === 0 ? undefined : nodes.join(', '),
    things: objects.length === 0 ? undefined : objects.map(nameOf).join(', '),
  };
  texts.set(finding, made);
  return made;
}

const agentPods = new WeakMap<Snapshot, ReadonlyMap<string, string | undefined>>();

function agentPodsOf(snapshot: Snapshot): ReadonlyMap<string, string | undefined> {
  const known = agentPods.get(snapshot);
  if (known !== undefined) return known;
  const made = new Map(snapshot.nodes.map(({ name, agent }) => [name, agent?.name]));
  agentPods.set(snapshot, made);
  return made;
}

/** Helm writes its name on what it installs; undefined: somebody else did. */
export const releaseOf = ({ facts, cilium }: Snapshot): string | undefined =>
  (valueOf(facts.daemonSets) ?? []).find(
    ({ metadata }) => metadata.namespace === cilium.namespace && metadata.name === cilium.agentDaemonSets[0],
  )?.metadata.annotations?.['meta.helm.sh/release-name'];

/** e.g. `Service shop/cart` */
export const nameOf = ({ kind, namespace, name }: ObjectRef): string =>
  `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;

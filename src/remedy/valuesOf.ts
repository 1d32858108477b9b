import type { Finding, ObjectRef } from '../core/Finding.ts';
import type { Builtin } from '../core/Problem.ts';
import type { Snapshot } from '../model/Snapshot.ts';
import type { Values } from './fill.ts';

/** What the texts of a finding may name; `node` is the node that a command is for. */
export function valuesOf({ nodes, objects, params }: Finding, snapshot: Snapshot, node = nodes[0]): Values {
  const builtins: Record<Builtin, string | undefined> = {
    namespace: snapshot.cilium.namespace,
    agentDaemonSet: snapshot.cilium.agentDaemonSets[0] ?? 'cilium',
    operator: snapshot.cilium.operatorDeployment ?? 'cilium-operator',
    nodes: nodes.length === 0 ? undefined : nodes.join(', '),
    node,
    agentPod: snapshot.nodes.find((one) => one.name === node)?.agent?.name,
    objects: objects.length === 0 ? undefined : objects.map(nameOf).join(', '),
    objectNamespace: objects[0]?.namespace,
    objectName: objects[0]?.name,
  };
  return { ...builtins, ...params };
}

/** e.g. `Service shop/cart` */
export const nameOf = ({ kind, namespace, name }: ObjectRef): string =>
  `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;

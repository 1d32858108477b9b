import { defineCheck, skip, type Undecided, undecided } from '../../src/core/OldCheck.ts';
import { type Finding, finding, type ObjectRef } from '../../src/core/Finding.ts';
import { kubeProxyOn } from '../../src/expect/kube-proxy/kubeProxyPresence.ts';
import { replacementOn, replacementWanted } from '../../src/expect/kube-proxy/replacement.ts';
import { isKnown, missing } from '../../src/model/Fact.ts';
import type { NodeSnapshot } from '../../src/model/Snapshot.ts';
import { conflictOf, objectOf, type Runs, variantOf } from './kubeProxyRuns.ts';
import { kpr3001 } from './problems/KPR3001.ts';

export const kubeProxyAbsent = defineCheck({
  id: 'kube-proxy-absent',
  title: 'kube-proxy does not run beside its replacement',
  area: 'kubeProxy',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr3001],
  needs: { cluster: ['daemonSets', 'systemPods'] },
  wants: { cluster: ['ciliumConfig', 'nodes'], node: ['status', 'proxyHealth'] },
  run({ snapshot, nodes, evidence }) {
    if (nodes.length === 0) return skip('no node to examine');
    if (replacementWanted(snapshot) === 'off') return skip('kube-proxy replacement is off, so kube-proxy is needed');
    const unclear: Undecided[] = [];
    const groups = new Map<
      string,
      { readonly runs: Runs; readonly nodes: NodeSnapshot[]; readonly objects: ObjectRef[] }
    >();
    for (const { name, snapshot: node } of nodes) {
      const presence = kubeProxyOn(node, snapshot);
      const replaced = replacementOn(node, snapshot);
      // Where the replacement is not in effect, kube-proxy is what keeps the node going.
      if (presence.kind === 'none' || replaced === 'off') continue;
      if (presence.kind === 'unclear') {
        unclear.push(undecided(missing('notCollected', presence.why), name));
      } else if (replaced === 'unknown') {
        unclear.push(
          undecided(
            isKnown(node.facts.status)
              ? missing('absent', 'the agent does not say whether it replaces kube-proxy')
              : node.facts.status,
            name,
          ),
        );
      } else {
        const key =
          presence.by === 'daemonSet'
            ? `${presence.daemonSet.metadata.namespace}/${presence.daemonSet.metadata.name}`
            : presence.by;
        const group = groups.get(key) ?? { runs: presence, nodes: [], objects: [] };
        groups.set(key, group);
        group.nodes.push(node);
        const object = objectOf(presence);
        if (
          object !== undefined &&
          !group.objects.some((one) => one.name === object.name && one.namespace === object.namespace)
        )
          group.objects.push(object);
      }
    }
    const findings = [...groups.values()].map(({ runs, nodes: on, objects }): Finding<'KPR3001'> => {
      const conflict = conflictOf(on, snapshot);
      const [first] = objects;
      const what =
        first === undefined
          ? ''
          : `${first.namespace}/${first.name}${objects.length > 1 ? `, … (${objects.length})` : ''}`;
      return finding(
        kpr3001,
        variantOf(runs, snapshot),
        { what, conflict: conflict === undefined ? '' : `; ${conflict}` },
        {
          nodes: on.map(({ name }) => name),
          objects,
          ...(conflict !== undefined && { severity: 'error' }),
          evidence: [
            runs.by === 'embedded' || runs.by === 'process'
              ? healthEvidence(on[0])
              : evidence('systemPods', `${what} on ${on.length} node(s)`),
          ],
        },
      );
    });
    return [...findings, ...unclear];
  },
});

function healthEvidence(node: NodeSnapshot | undefined) {
  const health = node?.facts.proxyHealth;
  return {
    ...(node && { node: node.name }),
    command: health && isKnown(health) ? health.source : '',
    lines: ['kube-proxy answers on 127.0.0.1:10256'],
  };
}

import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { inconclusive, type Inconclusive, notApplicable, passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { removedSwitches } from '../../src/expect/agent/removedSwitches.ts';
import { lbConfigOnNode } from '../../src/expect/lb/lbConfigOnNode.ts';
import { behaviourOf } from '../../src/expect/lb/versionGates.ts';
import { unservedFrontends, type UnservedInCluster } from '../../src/expect/served/unservedFrontends.ts';
import { ownChains } from '../../src/model/iptablesChains.ts';
import { isKnown, missing, valueOf } from '../../src/model/Fact.ts';
import { kpr5002 } from './problems/KPR5002.ts';
import { affectedBy, unknownNodes, type UnservedBy, unservedBy } from './unservedServices.ts';

/** Without kube-proxy replacement Cilium opens no hostPort: the CNI plug-in portmap does, where it is chained. */
export const hostPortsServed = defineCheck({
  id: 'host-ports-served',
  title: 'Host ports and NodePorts that are asked for have somebody who opens them',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr5002],
  requires: { cluster: ['services'] },
  optional: { cluster: ['pods', 'ciliumConfig'], node: ['iptables'] },
  uses: [unservedFrontends, lbConfigOnNode],
  run({ cluster, nodes, derived, evidence }) {
    const unserved = derived(unservedFrontends);
    const off = unservedBy(unserved, ['featureOff']);
    if (off.length === 0 && unserved.unknown.length === 0)
      return notApplicable('Cilium serves every kind of frontend that is asked for');
    const leaving = new Set(
      (valueOf(cluster.pods) ?? []).flatMap(({ metadata }) =>
        metadata.deletionTimestamp === undefined ? [] : [`${metadata.namespace ?? ''}/${metadata.name}`],
      ),
    );
    const hostPorts = off.filter(
      ({ frontend: { owner }, why }) => why.feature === 'HostPort' && !leaving.has(`${owner.namespace}/${owner.name}`),
    );
    const config = valueOf(cluster.ciliumConfig);
    const removed = config === undefined ? [] : removedSwitches(config);
    const isNew = nodes.some(({ derived: on }) => {
      const lb = on(lbConfigOnNode);
      return !('missing' in lb) && behaviourOf(lb.version).noFeatureSwitches;
    });
    return passUnless([
      ...nodes.flatMap((node) => onNode(node, hostPorts, unserved)),
      ...(isNew ? removed : []).flatMap(({ key, features }): readonly Finding<'KPR5002'>[] => {
        const list = off.filter(({ why }) => features.includes(why.feature));
        if (list.length === 0) return [];
        const { owners, objects, nodes: where } = affectedBy(list, unserved);
        const about = { objects, nodes: where, evidence: [evidence('ciliumConfig', `${key}: "true"`)] };
        return [finding(kpr5002, 'switchRemoved', { key, owners }, about)];
      }),
      ...unknownNodes(unserved),
    ]);
  },
});

type View = NodeView<never, 'iptables', never, typeof lbConfigOnNode>;

function onNode(
  { name, facts: { iptables }, evidence }: View,
  hostPorts: readonly UnservedBy<'featureOff'>[],
  unserved: UnservedInCluster,
): readonly (Finding<'KPR5002'> | Inconclusive)[] {
  const here = hostPorts.filter((one) => one.nodes.includes(name));
  if (here.length === 0) return [];
  if (!isKnown(iptables)) return [inconclusive(iptables, name)];
  const tables = iptables.value.flatMap((dump) => valueOf(dump.tables) ?? []);
  if (tables.some((table) => ownChains(table).some((chain) => portmapChain.test(chain.name)))) return [];
  if (iptables.value.some((dump) => !isKnown(dump.tables)))
    return [inconclusive(missing('notCollected', 'not every dump of iptables was read'), name)];
  const { owners: pods, objects } = affectedBy(here, unserved);
  const ports = [...new Set(here.map(({ frontend }) => frontend.port))].join(', ');
  const about = { nodes: [name], objects, evidence: [evidence('iptables', 'no chain CNI-HOSTPORT-DNAT')] };
  return [finding(kpr5002, 'hostPort', { pods, ports }, about)];
}

/** Of containernetworking's plug-in portmap, and of CRI-O and dockershim, which do it themselves. */
const portmapChain = /^(CNI-HOSTPORT-|CNI-DN-|KUBE-HOSTPORTS)/;

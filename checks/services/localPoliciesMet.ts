import { defineCheck } from '../../src/core/Check.ts';
import type { Evidence } from '../../src/core/Evidence.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { notApplicable, passUnless } from '../../src/core/Outcome.ts';
import { ownerName } from '../../src/expect/lb/OwnerRef.ts';
import { unservedFrontends, type UnservedInCluster } from '../../src/expect/served/unservedFrontends.ts';
import { addressesOfNodes } from './nodeAddressUses.ts';
import { kpr5008 } from './problems/KPR5008.ts';
import { affectedBy, groupsOf, unknownNodes, type UnservedBy, unservedBy } from './unservedServices.ts';

/**
 * With a policy Local a node without a ready backend of its own drops what comes: right for NodePorts behind a load
 * balancer that asks healthCheckNodePort, and a loss where traffic is sent to that node all the same.
 */
export const localPoliciesMet = defineCheck({
  id: 'local-policies-met',
  title: 'Where traffic of Services with a policy Local arrives, a backend is ready',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr5008],
  requires: { cluster: ['services', 'nodes'] },
  optional: { cluster: ['endpointSlices'], node: ['nodeAddresses', 'listeners', 'status'] },
  uses: [unservedFrontends],
  run({ cluster, nodes, derived, evidence }) {
    const asks = cluster.services.some(
      ({ spec }) => spec?.externalTrafficPolicy === 'Local' || spec?.internalTrafficPolicy === 'Local',
    );
    if (!asks) return notApplicable('no Service has a traffic policy Local');
    const unserved = derived(unservedFrontends);
    const own = addressesOfNodes(cluster.nodes, nodes);
    const list = unservedBy(unserved, ['notLocal']);
    const findings = groupsOf(list, ({ frontend: { owner }, why }) => [owner, why.policy]).flatMap((group) =>
      findingOf(
        group,
        unserved,
        (address) => own.get(address)?.node,
        (seen) => evidence('endpointSlices', seen),
      ),
    );
    return passUnless([...findings, ...unknownNodes(unserved)]);
  },
});

/** @param group frontends of one Service that obey the same policy */
function findingOf(
  group: readonly UnservedBy<'notLocal'>[],
  unserved: UnservedInCluster,
  nodeOf: (address: string) => string | undefined,
  say: (seen: string) => Evidence,
): readonly Finding<'KPR5008'>[] {
  const [first] = group;
  if (first === undefined) return [];
  const { judged, unknown, isPart } = unserved;
  const { objects, frontends } = affectedBy(group, unserved);
  const service = ownerName(first.frontend.owner);
  const field = first.why.policy === 'internal' ? 'internalTrafficPolicy' : 'externalTrafficPolicy';
  const lacking = [...new Set(group.flatMap(({ nodes }) => nodes))];
  if (unknown.length === 0 && !isPart && group.some(({ nodes }) => nodes.length === judged.length)) {
    const evidence = [say('nodeName of ready endpoints: none of the nodes that were read')];
    return [finding(kpr5008, 'nowhere', { service, field, frontends }, { objects, evidence })];
  }
  const arriving = group.flatMap(({ frontend: { address, key }, nodes }) => {
    const node = nodeOf(address);
    return node !== undefined && nodes.includes(node) ? [{ node, key }] : [];
  });
  if (arriving.length > 0) {
    const nodes = [...new Set(arriving.map(({ node }) => node))];
    const at = [...new Set(arriving.map(({ key }) => key))].join(', ');
    const evidence = [say(`no ready endpoint on ${nodes.join(', ')}`)];
    return [finding(kpr5008, 'arrivesHere', { service, field, at }, { objects, nodes, evidence })];
  }
  if (first.why.policy === 'external') return [];
  const evidence = [say(`no ready endpoint on ${lacking.length} of ${judged.length} nodes`)];
  return [finding(kpr5008, 'someNodes', { service, frontends }, { objects, nodes: lacking, evidence })];
}

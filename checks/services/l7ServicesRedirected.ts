import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { inconclusive, notApplicable, passUnless } from '../../src/core/Outcome.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import { hasDummyEndpoint } from '../../src/expect/lb/endpointBackends.ts';
import { unservedFrontends } from '../../src/expect/served/unservedFrontends.ts';
import { isKnown } from '../../src/model/Fact.ts';
import { kpr5012 } from './problems/KPR5012.ts';
import { affectedBy, unknownNodes, unservedBy } from './unservedServices.ts';

/**
 * The Services of Cilium's Gateways and Ingresses have an endpoint that nobody answers at: without the redirect to
 * Envoy in their rows, connections go nowhere (operator/pkg/model/translation).
 */
export const l7ServicesRedirected = defineCheck({
  id: 'l7-services-redirected',
  title: 'Services of Gateways and Ingresses lead to the L7 proxy',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr5012],
  requires: { cluster: ['services', 'endpointSlices'] },
  optional: { node: ['lbTable'] },
  uses: [unservedFrontends, agentConfigOnNode],
  run({ cluster, nodes, derived, evidence }) {
    if (!cluster.endpointSlices.some(hasDummyEndpoint)) return notApplicable('no Service is made for the L7 proxy');
    const unserved = derived(unservedFrontends);
    const envoyOff = new Set(
      nodes.flatMap(({ name, derived: on }) => {
        const config = on(agentConfigOnNode);
        return 'missing' in config || config.settings.envoyConfig.value ? [] : [name];
      }),
    );
    const list = unservedBy(unserved, ['placeholder']);
    const unread = nodes.flatMap(({ name, facts: { lbTable } }) =>
      isKnown(lbTable) ? [] : [inconclusive(lbTable, name)],
    );
    const parts = [
      { variant: 'envoyOff', of: list.filter((one) => one.nodes.every((node) => envoyOff.has(node))) },
      { variant: 'notRedirected', of: list.filter((one) => !one.nodes.every((node) => envoyOff.has(node))) },
    ] as const;
    return passUnless([
      ...parts.flatMap(({ variant, of }) => {
        if (of.length === 0) return [];
        const { owners: services, frontends, objects, nodes: where } = affectedBy(of, unserved);
        const seen = [evidence('endpointSlices', '192.192.192.192:9999 is the only endpoint')];
        return [finding(kpr5012, variant, { services, frontends }, { objects, nodes: where, evidence: seen })];
      }),
      ...unread,
      ...unknownNodes(unserved),
    ]);
  },
});

import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, notApplicable, type Outcome, pass } from '../../src/core/Outcome.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import { providerOf } from '../../src/expect/kube-proxy/healthAskers.ts';
import { kubeProxyPresence } from '../../src/expect/kube-proxy/kubeProxyPresence.ts';
import { replacementOnNode } from '../../src/expect/kube-proxy/replacement.ts';
import { serviceKey } from '../../src/expect/lb/readyBackends.ts';
import { healthCheckPort } from '../../src/expect/served/healthCheckPort.ts';
import { isKnown } from '../../src/model/Fact.ts';
import type { Service } from '../../src/model/kubernetes.ts';
import { listFirst } from '../../src/text/names.ts';
import { kpr5002 } from './problems/KPR5002.ts';
import { serviceRef } from '../../src/expect/lb/OwnerRef.ts';

/** Names in the message; all of them are in the finding's objects. */
const shownNames = 3;

export const healthChecksOn = defineCheck({
  id: 'health-checks-on',
  title: 'Agents answer for the health of Services where load balancers of a cloud ask for it',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr5002],
  requires: { cluster: ['services', 'nodes'] },
  optional: { node: ['listeners'] },
  uses: [agentConfigOnNode, replacementOnNode, kubeProxyPresence],
  run({ cluster, nodes }) {
    const asked = cluster.services.filter((service) => healthCheckPort(service) !== 0 && isOfCloud(service));
    const inCloud = new Set(cluster.nodes.flatMap((node) => (providerOf(node) === '' ? [] : [node.metadata.name])));
    if (asked.length === 0 || inCloud.size === 0)
      return notApplicable('no load balancer of a cloud asks for the health of a Service');
    return forEachNode(nodes, (node): Outcome<'KPR5002'> => {
      if (node.derived(replacementOnNode) === 'off') return notApplicable('kube-proxy replacement is off');
      const config = node.derived(agentConfigOnNode);
      if ('missing' in config) return inconclusive(config);
      if (config.settings.healthCheckNodePort.value) return pass;
      // Who answers instead: what else listens there, or kube-proxy.
      if (!inCloud.has(node.name) || node.derived(kubeProxyPresence).kind !== 'none') return pass;
      const { listeners } = node.facts;
      if (!isKnown(listeners)) return inconclusive(listeners);
      const open = new Set(listeners.value.map(({ port }) => port));
      const closed = asked.filter((service) => !open.has(healthCheckPort(service)));
      if (closed.length === 0) return pass;
      const objects = closed.map(serviceRef);
      const ports = closed.map(healthCheckPort).join(', ');
      const params = { services: listFirst(closed.map(serviceKey), shownNames), ports };
      const evidence = [node.evidence('listeners', `nobody listens on ${ports}`)];
      return finding(kpr5002, 'healthCheck', params, { nodes: [node.name], objects, evidence });
    });
  },
});

/** A cloud's own ask; what Cilium or MetalLB announces is announced where there are backends. */
const isOfCloud = ({ spec, status }: Service): boolean =>
  spec?.loadBalancerClass === undefined &&
  (status?.loadBalancer?.ingress ?? []).length > 0 &&
  !(status?.conditions ?? []).some(({ type }) => type === 'cilium.io/IPAMRequestSatisfied');

import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, notApplicable, type Outcome, pass } from '../../src/core/Outcome.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import type { Service } from '../../src/model/kubernetes.ts';
import { listFirst } from '../../src/text/names.ts';
import { isAskedFor, providersOf } from '../../src/expect/kube-proxy/healthAskers.ts';
import { kpr8003 } from './problems/KPR8003.ts';
import { serviceRef } from '../../src/expect/lb/OwnerRef.ts';

/** kube-proxy answers there as long as it runs; an agent does only where it is told to, and told before it starts. */
export const healthPortAnsweredThen = defineCheck({
  id: 'health-port-answered-then',
  title: 'Agents are told to answer on port 10256 when kube-proxy is gone, where load balancers ask there',
  phases: ['preflight'],
  raises: [kpr8003],
  requires: { cluster: ['services', 'nodes'] },
  uses: [agentConfigOnNode],
  run({ frame, cluster, nodes }) {
    if (frame.intent?.change !== 'remove-kube-proxy') return notApplicable('kube-proxy is not to be removed');
    const provider = providersOf(cluster.nodes);
    const asking = cluster.services.filter(isAskedFor);
    return forEachNode(nodes, (node): Outcome<'KPR8003'> => {
      const name = provider.get(node.name);
      if (name === undefined) return notApplicable('no node is of a provider whose load balancers ask port 10256');
      if (asking.length === 0) return notApplicable('no Service has a load balancer that asks port 10256');
      const config = node.derived(agentConfigOnNode);
      if ('missing' in config) return inconclusive(config);
      if ('missing' in config.next) return inconclusive(config.next);
      const bound = config.next.healthzBindAddress.value;
      if (bound.endsWith(':10256')) return pass;
      const params = { provider: name, services: listFirst(asking.map(nameOf), 3), bound: bound || 'not set' };
      return finding(kpr8003, 'nobody', params, { nodes: [node.name], objects: asking.map(serviceRef) });
    });
  },
});

const nameOf = ({ metadata }: Service): string => `${metadata.namespace}/${metadata.name}`;

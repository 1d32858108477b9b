import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, notApplicable, type Outcome, pass } from '../../src/core/Outcome.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import { replacementOnNode } from '../../src/expect/kube-proxy/replacement.ts';
import { isKnown } from '../../src/model/Fact.ts';
import type { Service } from '../../src/model/kubernetes.ts';
import { listFirst } from '../../src/text/names.ts';
import { isBoundToLoopback } from '../../src/expect/agent/combinedSettings.ts';
import { isAskedFor, providersOf } from '../../src/expect/kube-proxy/healthAskers.ts';
import { kpr1014 } from './problems/KPR1014.ts';

export const healthPortAnswers = defineCheck({
  id: 'health-port-answers',
  title: 'Somebody answers the health checks of cloud load balancers on port 10256, and one alone',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr1014],
  requires: { cluster: ['services', 'nodes'] },
  optional: { node: ['proxyHealth'] },
  uses: [agentConfigOnNode, replacementOnNode],
  run({ cluster, nodes }) {
    const provider = providersOf(cluster.nodes);
    const asking = cluster.services.filter(isAskedFor);
    return forEachNode(nodes, (node): Outcome<'KPR1014'> => {
      const health = node.facts.proxyHealth;
      const config = node.derived(agentConfigOnNode);
      const bound = 'missing' in config ? '' : config.settings.healthzBindAddress.value;
      const about = (line: string) => ({ nodes: [node.name], evidence: [node.evidence('proxyHealth', line)] });
      if (isKnown(health) && health.value.kind === 'kubeProxy' && bound.endsWith(':10256'))
        return finding(kpr1014, 'contested', { bound }, about(`10256: kube-proxy, HTTP ${health.value.httpStatus}`));
      const name = provider.get(node.name);
      if (name === undefined) return notApplicable('no node is of a provider whose load balancers ask port 10256');
      if (asking.length === 0) return notApplicable('no Service has a load balancer that asks port 10256');
      if (node.derived(replacementOnNode) === 'off') return notApplicable('kube-proxy replacement is off');
      if (!isKnown(health)) return inconclusive(health);
      const params = { provider: name, services: listFirst(asking.map(nameOf), 3), bound: bound || 'not set' };
      const { kind } = health.value;
      // The probe asks there, too; who comes from outside gets no answer.
      const fromNodeAlone = kind === 'cilium' && isBoundToLoopback(bound);
      if (kind !== 'nobody' && !fromNodeAlone) return pass;
      return finding(kpr1014, fromNodeAlone ? 'loopback' : 'nobody', params, {
        ...about(fromNodeAlone ? `10256: Cilium, at ${bound}` : '10256: nobody answers'),
        objects: asking.map(({ metadata: { namespace = '', name: own } }) => ({
          kind: 'Service',
          namespace,
          name: own,
        })),
      });
    });
  },
});

const nameOf = ({ metadata }: Service): string => `${metadata.namespace}/${metadata.name}`;

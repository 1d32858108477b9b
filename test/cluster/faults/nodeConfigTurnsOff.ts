import type { Bed } from '../lib/Bed.ts';
import { defineFault } from '../lib/Fault.ts';

const nodeConfig = {
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNodeConfig',
  metadata: { name: 'not-here', namespace: 'kube-system' },
  spec: {
    nodeSelector: { matchLabels: { 'kubernetes.io/hostname': 'n2' } },
    defaults: { 'kube-proxy-replacement': 'false' },
  },
};

const remove = (bed: Bed): Promise<string> =>
  bed.kubectl('-n', 'kube-system', 'delete', '--ignore-not-found', 'ciliumnodeconfig', 'not-here');

async function restartAgent(bed: Bed): Promise<void> {
  const onNode = ['-l', 'k8s-app=cilium', '--field-selector=spec.nodeName=n2'];
  await bed.kubectl('-n', 'kube-system', 'delete', 'pod', ...onNode);
  await bed.kubectl('-n', 'kube-system', 'rollout', 'status', 'daemonset/cilium', '--timeout=180s');
}

export default defineFault({
  id: 'node-config-turns-off',
  title: 'a CiliumNodeConfig turns the replacement off on n2, where no kube-proxy is',
  expect: [{ code: 'KPR1004', nodes: ['n2'] }],
  // Nobody serves the API’s Service and DNS to the node, and what Cilium then does wrong with load balancers is known.
  also: ['KPR1012', 'KPR2005', 'KPR6002'],
  cleanWithin: 180,
  remedy: 'executed',
  tidy: remove,
  inject: async (bed) => {
    await bed.apply(JSON.stringify(nodeConfig));
    await restartAgent(bed);
    return async () => {
      await remove(bed);
      await restartAgent(bed);
    };
  },
});

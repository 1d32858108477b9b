import type { Bed } from '../lib/Bed.ts';
import { onOneNode } from '../lib/dnsServers.ts';
import { defineFault } from '../lib/Fault.ts';

const policy = {
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name: 'dns-for-pods', namespace: 'kube-system' },
  spec: {
    endpointSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    ingress: [
      { fromEntities: ['host'] },
      { fromEndpoints: [{ matchExpressions: [{ key: 'k8s:io.kubernetes.pod.namespace', operator: 'Exists' }] }] },
    ],
  },
};
const see = 'kubectl -n kube-system get networkpolicies,ciliumnetworkpolicies,ciliumclusterwidenetworkpolicies';
const takeAway = 'kubectl -n kube-system delete ciliumnetworkpolicy dns-for-pods';

export default defineFault({
  id: 'dns-servers-forbid',
  title:
    'all servers of cluster DNS are on n2, and a policy of theirs admits pods and their own node: programs of n1 resolve no name',
  expect: [{ code: 'KPR6002', nodes: ['n1'], object: 'kube-system/kube-dns' }],
  exitCode: 0,
  showsAfter: 5,
  cleanWithin: 90,
  remedy: { decided: { [see]: takeAway } },
  tidy: (bed) => onOneNode(bed, null),
  inject: async (bed: Bed) => {
    await onOneNode(bed, 'n2');
    await bed.apply(JSON.stringify(policy));
    return async () => {
      await bed.kubectl('-n', 'kube-system', 'delete', 'ciliumnetworkpolicy', 'dns-for-pods');
      await onOneNode(bed, null);
    };
  },
});

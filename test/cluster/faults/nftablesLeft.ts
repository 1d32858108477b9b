import { defineFault } from '../lib/Fault.ts';
import { removeKubeProxy } from '../lib/removeKubeProxy.ts';

export default defineFault({
  id: 'nftables-left',
  title: 'kube-proxy’s DaemonSet in nftables mode deleted: its tables stay, which iptables does not show',
  expect: [{ code: 'KPR3004', nodes: ['n1', 'n2'] }, { code: 'KPR3002' }],
  cleanWithin: 90,
  remedy: { not: 'no image of agents has nft, which the script says: it has to be run on the node itself' },
  inject: async (bed) => {
    await bed.kubeProxy('nftables');
    for (const node of ['n1', 'n2']) {
      await bed.node(node, 'bash', '-c', 'until nft list tables | grep -q "ip6 kube-proxy"; do sleep 0.5; done');
    }
    await bed.kubeProxy('none');
    await bed.kubectl('-n', 'kube-system', 'wait', '--for=delete', 'pod', '-l', 'k8s-app=kube-proxy', '--timeout=60s');
    return () => removeKubeProxy(bed);
  },
});

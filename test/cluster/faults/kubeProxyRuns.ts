import { cleanedUp } from '../lib/cleanedUp.ts';
import { defineFault } from '../lib/Fault.ts';
import { removeKubeProxy } from '../lib/removeKubeProxy.ts';

export default defineFault({
  id: 'kube-proxy-runs',
  title: 'kube-proxy (iptables) started beside the replacement',
  expect: [{ code: 'KPR3001', nodes: ['n1', 'n2'] }],
  exitCode: 0,
  cleanWithin: 90,
  remedy: { decided: cleanedUp },
  inject: async (bed) => {
    await bed.kubeProxy('iptables');
    return () => removeKubeProxy(bed);
  },
});

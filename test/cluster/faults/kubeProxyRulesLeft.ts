import { cleanedUp } from '../lib/cleanedUp.ts';
import { defineFault } from '../lib/Fault.ts';
import { removeKubeProxy } from '../lib/removeKubeProxy.ts';
import { startKubeProxy } from '../lib/startKubeProxy.ts';

export default defineFault({
  id: 'kube-proxy-rules-left',
  title: 'kube-proxy’s DaemonSet deleted: its rules and its ConfigMap stay',
  expect: [{ code: 'KPR3003', nodes: ['n1', 'n2'] }, { code: 'KPR3002' }],
  cleanWithin: 90,
  remedy: { decided: cleanedUp },
  inject: async (bed) => {
    await startKubeProxy(bed);
    await bed.kubeProxy('none');
    await bed.kubectl('-n', 'kube-system', 'wait', '--for=delete', 'pod', '-l', 'k8s-app=kube-proxy', '--timeout=60s');
    return () => removeKubeProxy(bed);
  },
});

import { defineFault } from '../lib/Fault.ts';

export default defineFault({
  id: 'kube-proxy-configmap-left',
  title: 'ConfigMap kube-system/kube-proxy is there, kube-proxy is not',
  expect: [{ code: 'KPR3002' }],
  exitCode: 0,
  remedy: 'executed',
  inject: async (bed) => {
    await bed.kubectl('-n', 'kube-system', 'create', 'configmap', 'kube-proxy', '--from-literal=config.conf=mode: ""');
    return () => bed.kubectl('-n', 'kube-system', 'delete', 'configmap', 'kube-proxy');
  },
});

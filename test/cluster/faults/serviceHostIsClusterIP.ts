import { defineFault } from '../lib/Fault.ts';
import { setApiServer } from '../lib/objects.ts';

export default defineFault({
  id: 'service-host-is-clusterip',
  title: 'agents are told to reach the API server through the ClusterIP that they themselves provide',
  expect: [{ code: 'KPR2001' }],
  cleanWithin: 120,
  remedy: 'executed',
  inject: async (bed) => {
    const restore = await setApiServer(bed, '10.96.0.1', 443);
    await bed.kubectl('-n', 'kube-system', 'rollout', 'status', 'daemonset/cilium', '--timeout=180s');
    return restore;
  },
});

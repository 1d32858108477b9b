import type { Bed } from '../lib/Bed.ts';
import { defineFault } from '../lib/Fault.ts';
import { restartAgents, rollOut } from '../lib/objects.ts';

/** New pods, since a container that ends often is made to wait by its kubelet, longer each time. */
const replaceAgents = (bed: Bed): Promise<string> =>
  bed.kubectl('-n', 'kube-system', 'delete', 'pod', '-l', 'k8s-app=cilium', '--wait=false');

export default defineFault({
  id: 'agents-restart-every-minute',
  title:
    'agents that may not list EndpointSlices and are replaced every 45 s, a Deployment rolled: each start is no new excuse',
  expect: [{ code: 'KPR4003', nodes: ['n1', 'n2'] }],
  also: ['KPR1001', 'KPR1011', 'KPR2002', 'KPR4001', 'KPR4002', 'KPR4009', 'KPR5011', 'KPR6002', 'KPR9002'],
  onlyByName: 'it takes five minutes',
  showsAfter: 20,
  cleanWithin: 240,
  remedy: { not: 'the ClusterRole comes from the chart that the person who runs the cluster has' },
  inject: async (bed) => {
    const read = await bed.kubectl('get', 'clusterrole', 'cilium', '-o', 'json');
    // With its version, the role could be put back only as long as nobody changes it.
    const role = read.replace(/"resourceVersion": "\d+",?/, '');
    await bed.apply(role.replace('"endpointslices"', '"endpointslices-no-more"'));
    await bed.kubectl('rollout', 'restart', 'deployment', 'httpd');
    for (let times = 0; times < 3; times++) {
      await replaceAgents(bed);
      await new Promise((resolve) => setTimeout(resolve, 45_000));
    }
    await replaceAgents(bed);
    return async () => {
      await bed.apply(role);
      await restartAgents(bed);
      await rollOut(bed, 'httpd');
    };
  },
});

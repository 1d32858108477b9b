import { defineFault } from '../lib/Fault.ts';
import { rollOut } from '../lib/objects.ts';

export default defineFault({
  id: 'controller-manager-stopped',
  title: 'kube-controller-manager stopped, then a pod deleted: its EndpointSlice keeps the pod, and agents serve it',
  expect: [{ code: 'KPR5014', object: 'default/httpd' }],
  cleanWithin: 120,
  remedy: { not: 'the bed’s controller manager is no container' },
  inject: async (bed) => {
    await bed.stop('controller-manager');
    const pods = await bed.kubectl('get', 'pods', '-l', 'app=httpd', '-o', 'jsonpath={.items[*].metadata.name}');
    const [first = ''] = pods.split(' ');
    await bed.kubectl('delete', 'pod', first, '--grace-period=1');
    return async () => {
      await bed.start('controller-manager');
      await rollOut(bed, 'httpd');
    };
  },
});

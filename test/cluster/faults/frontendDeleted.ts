import { defineFault } from '../lib/Fault.ts';
import { deleteEntries, serviceKey } from '../lib/lbMaps.ts';
import { clusterIPOf } from '../lib/objects.ts';

export default defineFault({
  id: 'frontend-deleted',
  title: 'all slots of a ClusterIP deleted from the map of n2',
  expect: [{ code: 'KPR4001', nodes: ['n2'], object: 'default/httpd' }],
  remedy: 'executed',
  inject: async (bed) => {
    const ip = await clusterIPOf(bed, 'httpd');
    return deleteEntries(
      bed,
      'n2',
      'lb4_services_v2',
      [0, 1, 2, 3].map((slot) => serviceKey(ip, 80, slot, 'TCP')),
    );
  },
});

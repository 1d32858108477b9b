import { defineFault } from '../lib/Fault.ts';
import { deleteEntries, serviceKey } from '../lib/lbMaps.ts';
import { clusterIPOf } from '../lib/objects.ts';

export default defineFault({
  id: 'slot-zero-deleted',
  title: 'slot 0 of a ClusterIP deleted from the map of n1: its other slots are not found',
  expect: [{ code: 'KPR4005', nodes: ['n1'], object: 'default/httpd' }],
  remedy: 'executed',
  inject: async (bed) =>
    deleteEntries(bed, 'n1', 'lb4_services_v2', [serviceKey(await clusterIPOf(bed, 'httpd'), 80, 0, 'TCP')]),
});

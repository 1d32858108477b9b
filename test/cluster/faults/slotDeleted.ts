import { defineFault } from '../lib/Fault.ts';
import { deleteEntries, serviceKey } from '../lib/lbMaps.ts';

export default defineFault({
  id: 'slot-deleted',
  title: 'one slot of cluster DNS (UDP) deleted from the map of n2',
  expect: [{ code: 'KPR4005', nodes: ['n2'], object: 'kube-system/kube-dns' }],
  also: ['KPR6002'],
  remedy: 'executed',
  inject: (bed) => deleteEntries(bed, 'n2', 'lb4_services_v2', [serviceKey('10.96.0.10', 53, 2, 'UDP')]),
});

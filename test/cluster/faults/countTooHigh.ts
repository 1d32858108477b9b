import { defineFault } from '../lib/Fault.ts';
import { changeEntry, serviceKey, withByte } from '../lib/lbMaps.ts';
import { clusterIPOf } from '../lib/objects.ts';

export default defineFault({
  id: 'count-too-high',
  title: 'the count of a ClusterIP raised to 5 on n2: two of five connections find no slot',
  expect: [{ code: 'KPR4005', nodes: ['n2'], object: 'default/httpd' }],
  remedy: 'executed',
  inject: async (bed) => {
    const key = serviceKey(await clusterIPOf(bed, 'httpd'), 80, 0, 'TCP');
    return changeEntry(bed, 'n2', 'lb4_services_v2', key, (value) => withByte(value, 4, 5));
  },
});

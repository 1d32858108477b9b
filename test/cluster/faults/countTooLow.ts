import { defineFault } from '../lib/Fault.ts';
import { changeEntry, serviceKey, withByte } from '../lib/lbMaps.ts';
import { clusterIPOf } from '../lib/objects.ts';

export default defineFault({
  id: 'count-too-low',
  title: 'the count of a ClusterIP lowered to 1 on n1: two of three backends get no connection',
  expect: [{ code: 'KPR4005', nodes: ['n1'], object: 'default/httpd' }],
  also: ['KPR4002'],
  remedy: 'executed',
  inject: async (bed) => {
    const key = serviceKey(await clusterIPOf(bed, 'httpd'), 80, 0, 'TCP');
    return changeEntry(bed, 'n1', 'lb4_services_v2', key, (value) => withByte(value, 4, 1));
  },
});
